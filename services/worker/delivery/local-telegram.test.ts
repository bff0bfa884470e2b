import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { systemClock } from "../../../shared/clock.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { acceptBatch } from "../../../shared/inbox.ts";
import { silentLogger } from "../../../shared/logging.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { type TemporaryConsole, temporaryConsole } from "../../console/temporary-console.ts";
import { SETTINGS, UNCOUNTED } from "../agent/temporary-agent.ts";
import { attempt } from "../attempt/attempt.ts";
import { completion, createFakeModel } from "../model/fake-model.ts";
import { claimNext } from "../queue/temporary-claims.ts";
import { createTelegram } from "../telegram.ts";
import type { Sender } from "./sender.ts";

/** A delivery through the real client, over HTTP, to the local Telegram: what is in the chat in the end. */

let temporary: TemporaryDatabase;
let local: TemporaryConsole;
let sender: Sender;
let chat: number;
let worker: number;
let updateId = 500;
beforeEach(async () => {
  temporary = temporaryDatabase();
  local = temporaryConsole();
  chat = local.telegram.person.startChat();
  sender = createTelegram({ token: "1:local", apiRoot: await local.serve(local.local), pollSeconds: 50 });
  worker = logEvent(temporary.db, null, "process.started", { role: "worker", pid: 1, version: "v" });
});
afterEach(async () => {
  await local.remove();
  temporary.remove();
});

const never = new AbortController().signal;

function ask() {
  updateId += 1;
  const update = { updateId, chatId: chat, messageId: 1, text: "hello", messageDate: 0, status: "queued" as const };
  acceptBatch(temporary.db, { botId: 42, offsetSent: 0, updates: [update] }, null);
  return claim();
}
function claim() {
  const task = claimNext(temporary.db, worker);
  if (!task) throw new Error("nothing to claim");
  return task;
}
const ports = (model = createFakeModel()) => {
  const agent = { models: [model] as const, tools: [], spending: UNCOUNTED };
  return { db: temporary.db, clock: systemClock, log: silentLogger, ...agent, sender };
};
async function messages() {
  const answer = (await (await local.ask(`/chats/${chat}/messages`)).json()) as {
    messages: { text: string; entities?: { type: string }[]; edit_date?: number }[];
  };
  return answer.messages;
}
async function untilThereIs(count: number) {
  while ((await messages()).length < count) await local.telegram.changed.rang(5000, never);
}

test("an answer in Markdown arrives with its formatting, whole, in parts that Telegram takes", async () => {
  const model = createFakeModel();
  const code = `\`\`\`js\n${"let a = 1;\n".repeat(500)}\`\`\``;
  model.answerWith(completion(`# Title\n\n**bold** and [link](https://a.b)\n\n${code}\n\n> end`));
  await attempt(ports(model), ask(), SETTINGS, never);
  const arrived = await messages();
  expect(arrived.length).toBe(2);
  expect(arrived.map(({ entities }) => entities?.map(({ type }) => type))).toEqual([
    ["bold", "bold", "text_link", "pre"],
    ["pre", "blockquote"],
  ]);
  expect(arrived.map(({ text }) => text.match(/let a/g)?.length ?? 0).reduce((a, b) => a + b)).toBe(500);
});

test("an attempt that was stopped while it streamed leaves one message, which the next one finishes", async () => {
  const stop = new AbortController();
  const slow = createFakeModel();
  const held = slow.hold();
  const stopped = attempt(ports(slow), ask(), SETTINGS, stop.signal);
  await held.called;
  await untilThereIs(1);
  stop.abort(new Error("stopped"));
  await stopped;
  expect(await messages()).toMatchObject([{ text: "…" }]);
  await attempt(ports(), claim(), SETTINGS, never);
  expect(await messages()).toMatchObject([{ text: "reply to hello", edit_date: expect.any(Number) }]);
});

test("a placeholder that somebody deleted is sent anew", async () => {
  const slow = createFakeModel();
  const held = slow.hold();
  const running = attempt(ports(slow), ask(), SETTINGS, never);
  await held.called;
  await untilThereIs(1);
  await local.call("deleteMessage", { chat_id: chat, message_id: 1 });
  held.letGo();
  await running;
  expect(await messages()).toMatchObject([{ message_id: 2, text: "reply to hello" }]);
});
