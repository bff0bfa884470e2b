import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { z } from "zod";
import { createFakeClock } from "../../../shared/fake-clock.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { callTool } from "./call-tool.ts";
import { createCurrentTime } from "./current-time.ts";
import { createRecall } from "./recall.ts";
import { describeTool, type Tool } from "./tool.ts";

let temporary: TemporaryDatabase;
beforeEach(() => {
  temporary = temporaryDatabase();
});
afterEach(() => temporary.remove());

const never = new AbortController().signal;
const use = (tool: Tool | undefined, given: unknown, signal = never) => {
  const text = typeof given === "string" ? given : JSON.stringify(given);
  return callTool(tool, { id: "1", name: "it", arguments: text }, { context: { chatId: 7 }, signal });
};
const done = (text: string) => ({ kind: "done", text });

function said(role: "user" | "assistant" | "tool", text: string, chatId = 7): void {
  const insert = "INSERT INTO history (chat_id, role, text, created_at) VALUES (?, ?, ?, 1893456000000)";
  temporary.db.prepare(insert).run(chatId, role, text);
}

test("the time is told in UTC, or in the time zone that is asked for", async () => {
  const tool = createCurrentTime(createFakeClock());
  expect(await use(tool, "")).toEqual(done("Tuesday, 1 January 2030 at 00:00:00 UTC (UTC)"));
  expect(await use(tool, { time_zone: "Asia/Tokyo" })).toEqual(
    done("Tuesday, 1 January 2030 at 09:00:00 GMT+9 (Asia/Tokyo)"),
  );
});

test("arguments that are not JSON, or not what the tool takes, are told to the model and to nobody else", async () => {
  const tool = createCurrentTime(createFakeClock());
  expect(await use(tool, "{")).toEqual({
    kind: "failed",
    error: "bad arguments",
    text: "The arguments are not JSON.",
  });
  expect(await use(tool, { time_zone: "Mars/Base" })).toEqual({
    kind: "failed",
    error: "bad arguments",
    text: expect.stringMatching(/not the name of a time zone.*\n.*time_zone/),
  });
  expect(await use(undefined, {})).toEqual({
    kind: "failed",
    error: "no such tool",
    text: "There is no tool named it.",
  });
});

test("a tool that throws has failed; one that is aborted rejects", async () => {
  const broken: Tool = {
    name: "broken",
    description: "",
    arguments: z.unknown(),
    run: async () => Promise.reject(new TypeError("secret words")),
  };
  expect(await use(broken, {})).toEqual({ kind: "failed", error: "TypeError", text: "The tool failed: secret words" });
  await expect(use(broken, {}, AbortSignal.abort(new Error("stopped")))).rejects.toThrow("stopped");
});

test("a tool is described by a JSON Schema of its arguments", () => {
  expect(describeTool(createRecall(temporary.db))).toMatchObject({
    name: "recall",
    parameters: {
      type: "object",
      properties: { query: { type: "string", minLength: 1 }, limit: { type: "integer", maximum: 20 } },
      required: ["query"],
    },
  });
});

test("what was said is found again, the newest first, in this chat alone", async () => {
  said("user", "the red house");
  said("assistant", "A RED one?");
  said("user", "a blue one");
  said("tool", '{"query":"red"}');
  said("user", "red in another chat", 8);
  const tool = createRecall(temporary.db);
  expect(await use(tool, { query: "red" })).toEqual(
    done("2030-01-01 00:00 UTC, assistant: A RED one?\n\n2030-01-01 00:00 UTC, user: the red house"),
  );
  expect(await use(tool, { query: "red", limit: 1 })).toEqual(done("2030-01-01 00:00 UTC, assistant: A RED one?"));
  expect(await use(tool, { query: "green" })).toEqual(done("Nothing was found."));
});

test("the signs of LIKE are searched for as they are", async () => {
  said("user", "100 percent");
  said("user", "100% sure");
  said("user", "a\\b");
  const tool = createRecall(temporary.db);
  expect(await use(tool, { query: "0%" })).toEqual(done("2030-01-01 00:00 UTC, user: 100% sure"));
  expect(await use(tool, { query: "\\" })).toEqual(done("2030-01-01 00:00 UTC, user: a\\b"));
  expect(await use(tool, { query: "_" })).toEqual(done("Nothing was found."));
});

test("no part of a secret is left where an excerpt begins", async () => {
  said("user", `the key is sk-${"k".repeat(200)}needle and ${"x".repeat(900)} needle`);
  const { text } = await use(createRecall(temporary.db), { query: "needle" });
  expect(text).not.toContain("kkk");
  expect(text).toContain("needle");
});

test("of a long message, what stands around the words is shown, and no character is torn", async () => {
  said("user", `${"😀".repeat(2000)} the needle ${"😀".repeat(2000)}`);
  const { text } = await use(createRecall(temporary.db), { query: "needle" });
  expect(text).toContain("the needle");
  expect(text.isWellFormed()).toBe(true);
  expect(Array.from(text).length).toBeLessThan(700);
});
