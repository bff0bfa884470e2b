import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { z } from "zod";
import { logEvent } from "../../../shared/event-log.ts";
import { calling, completion, createFakeModel, refusal } from "../model/fake-model.ts";
import type { Task } from "../queue/claims.ts";
import type { Tool } from "../tools/tool.ts";
import { think } from "./loop.ts";
import { SETTINGS, type TemporaryAgent, temporaryAgent } from "./temporary-agent.ts";

let agent: TemporaryAgent;
beforeEach(() => {
  agent = temporaryAgent();
});
afterEach(() => agent.remove());

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const lastSent = () => agent.sender.sent.at(-1)?.text;
const types = (task: Task) => agent.tree(task).map(([type]) => type);

test("a tool that the model calls is run, and the model answers with what came of it", async () => {
  agent.model.answerWith(calling("current_time", { time_zone: "UTC" }), completion("It is midnight."));
  const task = agent.ask("what time is it?");
  await agent.run(task);
  const output = "Tuesday, 1 January 2030 at 00:00:00 UTC (UTC)";
  expect(agent.model.shown[1]?.slice(1)).toEqual([
    { role: "user", content: "what time is it?" },
    {
      role: "assistant",
      content: "",
      toolCalls: [{ id: "call_1", name: "current_time", arguments: '{"time_zone":"UTC"}' }],
    },
    { role: "tool", callId: "call_1", content: output },
  ]);
  expect(lastSent()).toBe("It is midnight.");
  expect(types(task)).toEqual([
    "context.assembled",
    "turn.started",
    "turn.completed",
    "tool_call.started",
    "tool_call.completed",
    "turn.started",
    "turn.completed",
    "reply.sending",
    "reply.sent",
    "agent.completed",
  ]);
  expect(agent.payloads(task, "tool_call.started")).toEqual([
    { tool_name: "current_time", history_id: 1, digest: sha256('{"time_zone":"UTC"}') },
  ]);
  expect(agent.payloads(task, "tool_call.completed")).toEqual([
    { tool_name: "current_time", history_id: 2, digest: sha256(output), latency_ms: 0 },
  ]);
  expect(agent.history()).toEqual([
    { role: "tool", text: '{"id":"call_1","name":"current_time","arguments":"{\\"time_zone\\":\\"UTC\\"}"}' },
    { role: "tool", text: `{"id":"call_1","output":"${output}"}` },
    { role: "user", text: "what time is it?" },
    { role: "assistant", text: "It is midnight." },
  ]);
});

test("what tools were asked and said is not shown with later messages, and takes no place from what was said", async () => {
  const settings = { ...SETTINGS, historyWindow: 2 };
  agent.model.answerWith(calling("current_time", {}), calling("current_time", {}), completion("Midnight."));
  await agent.run(agent.ask("what time is it?"), { settings });
  await agent.run(agent.ask("thanks"), { settings });
  expect(
    agent.model.shown
      .at(-1)
      ?.slice(1)
      .map(({ content }) => content),
  ).toEqual(["what time is it?", "Midnight.", "thanks"]);
});

test("a conversation that was renewed begins after what was said before", async () => {
  await agent.run(agent.ask("my name is Ada"));
  logEvent(agent.db, null, "chat.renewed", { chat_id: 7, after_history_id: 2 });
  await agent.run(agent.ask("in another chat", 8));
  await agent.run(agent.ask("what is my name?"));
  await agent.run(agent.ask("and now?"));
  expect(agent.model.shown.slice(2).map((shown) => shown.slice(1).map(({ content }) => content))).toEqual([
    ["what is my name?"],
    ["what is my name?", "reply to what is my name?", "and now?"],
  ]);
});

test("what the context leaves out is recorded", async () => {
  await agent.run(agent.ask("x".repeat(9000)));
  await agent.run(agent.ask("short"));
  const task = agent.ask("y".repeat(90_000));
  const settings = { ...SETTINGS, contextTokens: 1000 };
  await agent.run(task, { settings });
  expect(agent.payloads(task, "context.assembled")).toEqual([
    {
      messages_available: 5,
      messages_used: 1,
      messages_cut: 1,
      system_tokens: expect.any(Number),
      history_tokens: 0,
      message_tokens: expect.any(Number),
    },
  ]);
});

test("of a call whose arguments are too long the beginning is kept, and the model is told instead of the tool", async () => {
  let runs = 0;
  const tool: Tool = { name: "any", description: "", arguments: z.unknown(), run: async () => `run ${++runs}` };
  const call = (id: string, given: string) => ({
    ...calling("any", {}),
    toolCalls: [{ id, name: "any", arguments: given }],
  });
  agent.model.answerWith(
    call("1", "x".repeat(60_000)),
    call("i".repeat(900), JSON.stringify("y".repeat(9_998))),
    completion("done"),
  );
  await agent.run(agent.ask("go on"), { tools: [tool] });
  expect(runs).toBe(1);
  const shown = agent.model.shown.at(-1) ?? [];
  const calls = shown.flatMap((message) => (message.role === "assistant" ? (message.toolCalls ?? []) : []));
  expect(calls.map((made) => [made.id.length, JSON.parse(made.arguments)])).toEqual([
    [1, { beginning: "x".repeat(1000) }],
    [256, "y".repeat(9_998)],
  ]);
  expect(shown.find(({ role }) => role === "tool")).toMatchObject({
    content: expect.stringMatching(/longer than 10000 .* not called/),
  });
  expect(Math.max(...agent.history().map(({ text }) => text.length))).toBeLessThan(12_000);
});

test("no secret reaches the model: not from the prompt, the chat, the message or a tool", async () => {
  const secret = "sk-abcdefghijklmnopqrstuvwxyz";
  const leaky: Tool = { name: "leak", description: "", arguments: z.unknown(), run: async () => `it is ${secret}` };
  await agent.run(agent.ask(`remember ${secret}`));
  agent.model.answerWith(calling("leak", { why: secret }));
  const settings = { ...SETTINGS, systemPrompt: `The key is ${secret}.` };
  await agent.run(agent.ask(`what was ${secret}?`), { settings, tools: [leaky] });
  const shown = JSON.stringify(agent.model.shown.slice(1));
  expect(shown).not.toContain("abcdefg");
  expect(shown.match(/\[redacted\]/g)?.length).toBeGreaterThan(6);
});

test("a call that fails is told to the model, and its words are not in the log", async () => {
  const broken: Tool = {
    name: "broken",
    description: "",
    arguments: z.unknown(),
    run: () => Promise.reject(new RangeError("no room for the launch code")),
  };
  agent.model.answerWith(calling("broken", {}), calling("launch code", {}), completion("It cannot be done."));
  const task = agent.ask("do it");
  await agent.run(task, { tools: [broken] });
  expect(agent.model.shown[2]?.filter(({ role }) => role === "tool").map(({ content }) => content)).toEqual([
    "The tool failed: no room for the launch code",
    "There is no tool named launch code.",
  ]);
  expect(agent.payloads(task, "tool_call.failed")).toEqual([
    { tool_name: "broken", error: "RangeError", latency_ms: 0 },
    { tool_name: "(none of ours)", error: "no such tool", latency_ms: 0 },
  ]);
  expect(JSON.stringify(agent.tree(task))).not.toContain("launch");
  expect(lastSent()).toBe("It cannot be done.");
});

test("a tool's long output loses its middle", async () => {
  const chatty: Tool = { name: "chatty", description: "", arguments: z.unknown(), run: async () => "x".repeat(1e6) };
  agent.model.answerWith(calling("chatty", {}));
  await agent.run(agent.ask("go on"), { tools: [chatty] });
  expect(agent.model.shown[1]?.at(-1)?.content.length).toBeLessThanOrEqual(6000);
});

test("what one model refuses for good is asked of the next one, which then goes on", async () => {
  const other = createFakeModel("other");
  agent.model.answerWith(refusal("context_too_long"));
  other.answerWith(calling("current_time", {}), completion("Midnight."));
  const task = agent.ask("what time is it?");
  await agent.run(task, { models: [agent.model, other] });
  expect(agent.payloads(task, "turn.started")).toEqual([
    { model: "fake", turn: 1 },
    { model: "other", turn: 2 },
    { model: "other", turn: 3 },
  ]);
  expect(lastSent()).toBe("Midnight.");
});

test("what only time can mend is not asked of another model, and of several refusals the last one is told", async () => {
  const other = createFakeModel("other");
  agent.model.answerWith(refusal("overloaded"), refusal("unauthorised"));
  other.answerWith(refusal("refused"));
  const busy = agent.ask("hello");
  await agent.run(busy, { models: [agent.model, other] });
  expect(other.shown).toEqual([]);
  const declined = agent.ask("hello");
  await agent.run(declined, { models: [agent.model, other] });
  expect(agent.status(declined)).toEqual({ status: "failed", error: "refused" });
});

test("a model that says nothing is malformed, and one that asks for everything at once too", async () => {
  agent.model.answerWith(completion(" "));
  const silent = agent.ask("hello");
  await agent.run(silent);
  expect(agent.payloads(silent, "turn.failed")).toMatchObject([{ error_class: "malformed", error: "no text" }]);
  const { toolCalls, ...rest } = calling("current_time", {});
  agent.model.answerWith({ ...rest, toolCalls: Array.from({ length: 17 }, () => toolCalls).flat() });
  const greedy = agent.ask("hello");
  await agent.run(greedy);
  expect(agent.payloads(greedy, "turn.failed")).toMatchObject([{ error: "17 tool calls at once" }]);
});

test("the text is passed on as the model writes it", async () => {
  const seen: string[] = [];
  agent.model.answerWith(calling("current_time", {}, "Let me look."), completion("Midnight."));
  const signal = new AbortController().signal;
  await think(agent.ports, agent.ask("what time is it?"), {
    settings: SETTINGS,
    signal,
    onText: (text) => seen.push(text),
  });
  expect(seen).toEqual(["Let me look.", "Midnight."]);
});
