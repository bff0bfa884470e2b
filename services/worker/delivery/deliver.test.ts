import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { eventsAfter, logEvent } from "../../../shared/event-log.ts";
import { createFakeClock } from "../../../shared/fake-clock.ts";
import { recentHistory, remember } from "../../../shared/history.ts";
import { acceptBatch } from "../../../shared/inbox.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { release, type Task } from "../claims.ts";
import { createFakeSender, type FakeSender } from "../fake-sender.ts";
import { claimNext } from "../temporary-claims.ts";
import { deliver } from "./deliver.ts";

let temporary: TemporaryDatabase;
let sender: FakeSender;
let worker: number;
let task: Task;
beforeEach(() => {
  temporary = temporaryDatabase();
  sender = createFakeSender();
  worker = logEvent(temporary.db, null, "process.started", { role: "worker", pid: 1, version: "v", instance: "1.1" });
  ask(500, 7);
  task = claim();
});
afterEach(() => temporary.remove());

const clock = { ...createFakeClock(), sleep: async () => {} };
const never = new AbortController().signal;
const run = (text: string, more = {}) =>
  deliver(
    { db: temporary.db, clock, sender },
    task,
    { text, format: "markdown", draft: "begun", onArrival: () => {}, ...more },
    never,
  );

function ask(updateId: number, chatId: number) {
  const update = { updateId, chatId, messageId: 1, text: "hello", messageDate: 0, status: "queued" as const };
  acceptBatch(temporary.db, { botId: 42, offsetSent: 0, updates: [update] }, null);
}
function claim(): Task {
  const claimed = claimNext(temporary.db, worker);
  if (!claimed) throw new Error("nothing to claim");
  return claimed;
}
/** The next attempt at the message, as if the worker had been killed in this one. */
function nextAttempt() {
  release(temporary.db, task);
  task = claim();
}
function draftSent(messageId: number) {
  const place = { chat_id: task.chatId, part: 1, parts: 0, draft: true } as const;
  logEvent(temporary.db, task.agentId, "reply.sending", place);
  logEvent(temporary.db, task.agentId, "reply.sent", { ...place, message_id: messageId });
}
const sends = () =>
  eventsAfter(temporary.db, 0, 100)
    .filter(({ parentId, eventType }) => parentId === task.agentId && eventType.startsWith("reply."))
    .map(({ eventType, payload }) => [eventType, payload]);

const two = `${"a".repeat(4000)}\n\n${"b".repeat(4000)}`;

test("the answer takes the place of its draft, and further parts are sent", async () => {
  draftSent(33);
  expect(await run(two)).toEqual({ kind: "delivered" });
  expect(sender.edited.map(({ messageId, text }) => [messageId, text[0]])).toEqual([[33, "a"]]);
  expect(sender.sent.map(({ text }) => text[0])).toEqual(["b"]);
  expect(sends().slice(2)).toEqual([
    ["reply.sending", { chat_id: 7, part: 1, parts: 2 }],
    ["reply.sent", { chat_id: 7, part: 1, parts: 2, message_id: 33 }],
    ["reply.sending", { chat_id: 7, part: 2, parts: 2 }],
    ["reply.sent", { chat_id: 7, part: 2, parts: 2, message_id: 1001 }],
  ]);
});

test("after a crash the draft of the attempt before is found, and nothing is in the chat twice", async () => {
  draftSent(33);
  logEvent(temporary.db, task.agentId, "reply.sending", { chat_id: 7, part: 1, parts: 1 });
  nextAttempt();
  await run("hello");
  expect([sender.sent, sender.edited]).toEqual([[], [{ chatId: 7, messageId: 33, text: "hello" }]]);
  expect(JSON.stringify(sends())).not.toMatch(/uncertain/);
});

test("a draft whose send was lost makes the answer a new message, marked as uncertain", async () => {
  logEvent(temporary.db, task.agentId, "reply.sending", { chat_id: 7, part: 1, parts: 0, draft: true });
  nextAttempt();
  await run("hello");
  expect(sender.sent).toHaveLength(1);
  expect(sends()).toEqual([
    ["reply.sending", { chat_id: 7, part: 1, parts: 1, uncertain: true }],
    ["reply.sent", { chat_id: 7, part: 1, parts: 1, message_id: 1001, uncertain: true }],
  ]);
});

test("a draft that cannot be edited any more is removed, and the answer sent anew", async () => {
  draftSent(33);
  sender.answerEditsWith({ kind: "gone", detail: "Bad Request: message can't be edited" });
  await run("hello");
  expect(sender.removed).toEqual([{ chatId: 7, messageId: 33 }]);
  expect(sender.sent).toMatchObject([{ text: "hello" }]);
});

test("an edit whose answer was lost is made again, for as long as it takes, and leaves no doubt", async () => {
  draftSent(33);
  sender.answerEditsWith(...Array(9).fill({ kind: "uncertain", detail: "socket hang up" }));
  expect(await run("hello")).toEqual({ kind: "delivered" });
  expect(sender.edited).toHaveLength(10);
  expect(sends().at(-1)).toEqual(["reply.sent", { chat_id: 7, part: 1, parts: 1, message_id: 33 }]);
});

test("a send whose answer is lost five times may be there five times: it is not sent again", async () => {
  sender.answerWith(...Array(5).fill({ kind: "uncertain", detail: "socket hang up" }));
  expect(await run("hello")).toEqual({ kind: "refused", detail: "no answer to 5 tries: socket hang up" });
  expect(sender.sent).toHaveLength(5);
});

test("through an outage nothing is sent again before Telegram answers: it would be one more copy", async () => {
  let asked = 0;
  const showTyping = async () => {
    asked += 1;
    return asked < 9 ? ({ kind: "uncertain", detail: "502" } as const) : ({ kind: "done" } as const);
  };
  sender.answerWith({ kind: "uncertain", detail: "502" });
  const reply = { text: "hello", format: "markdown", draft: "begun", onArrival: () => {} } as const;
  const ports = { db: temporary.db, clock, sender: { ...sender, showTyping } };
  expect(await deliver(ports, task, reply, never)).toEqual({ kind: "delivered" });
  expect([asked, sender.sent.length]).toEqual([9, 2]);
  expect(sends().at(-1)).toMatchObject(["reply.sent", { uncertain: true }]);
});

test("formatting that Telegram refuses is left out, not the text", async () => {
  sender.answerWith({ kind: "formatting refused", detail: "Bad Request: can't parse entities" });
  await run("**hello**");
  expect(sender.sent).toEqual([
    { chatId: 7, text: "hello", entities: [{ type: "bold", offset: 0, length: 5 }] },
    { chatId: 7, text: "hello" },
  ]);
});

test("an answer that Telegram refuses is followed by a line that says so, and fails", async () => {
  sender.answerWith({ kind: "refused", detail: "Bad Request: no" });
  expect(await run(two)).toEqual({ kind: "refused", detail: "Bad Request: no" });
  expect(sender.sent.map(({ text }) => text.slice(0, 60))).toEqual([
    "a".repeat(60),
    "I have an answer, but Telegram does not accept it. (Reference".slice(0, 60),
  ]);
  expect(sends().at(-1)).toEqual(["reply.sent", { chat_id: 7, part: 1, parts: 1, message_id: 1002 }]);
});

test("a draft is not left half-written when the answer is refused", async () => {
  draftSent(33);
  sender.answerEditsWith({ kind: "refused", detail: "Bad Request: no" });
  await run("hello");
  expect(sender.edited.at(-1)).toMatchObject({ messageId: 33, text: expect.stringMatching(/does not accept/) });
});

test("a chat that lets nothing in keeps what was not sent for later", async () => {
  sender.answerWith(
    { kind: "sent", messageId: 1 },
    { kind: "forbidden", detail: "Forbidden: bot was blocked by the user" },
  );
  expect(await run(two)).toEqual({ kind: "forbidden", detail: "Forbidden: bot was blocked by the user" });
  nextAttempt();
  await run(two);
  expect(sender.sent.map(({ text }) => text[0])).toEqual(["a", "b", "b"]);
});

test("a group that became a supergroup is followed there, with what was said and what is open", async () => {
  remember(temporary.db, 7, task.id, { role: "user", text: "hello" });
  ask(501, 7);
  draftSent(33);
  sender.answerEditsWith({ kind: "migrated", toChatId: -1007, detail: "Bad Request: group chat was upgraded" });
  expect(await run("hello")).toEqual({ kind: "delivered" });
  expect(sender.sent).toEqual([{ chatId: -1007, text: "hello" }]);
  expect(recentHistory(temporary.db, -1007, 9)).toHaveLength(1);
  expect(temporary.db.prepare("SELECT DISTINCT chat_id FROM inbox").pluck().all()).toEqual([-1007]);
  const migrated = eventsAfter(temporary.db, 0, 100).filter(({ eventType }) => eventType === "chat.migrated");
  expect(migrated).toMatchObject([{ parentId: worker, payload: { chat_id: 7, to_chat_id: -1007 } }]);
  expect(sends().at(-1)).toEqual(["reply.sent", { chat_id: -1007, part: 1, parts: 1, message_id: 1001 }]);
});

test.each([
  ["refused for now", { kind: "rate limited", retryAfterMs: 9000 }],
  ["not let in", { kind: "forbidden", detail: "Forbidden: bot was blocked by the user" }],
  ["not connected", { kind: "not sent", detail: "ECONNREFUSED" }],
] as const)("a send that was surely %s is in no doubt when the next attempt makes it again", async (_, refusal) => {
  const stop = new AbortController();
  sender.answerWith(refusal);
  const stopping = { ...clock, sleep: async () => stop.abort(new Error("stopped")) };
  const reply = { text: "hello", format: "markdown", draft: "begun", onArrival: () => {} } as const;
  const ports = { db: temporary.db, clock: stopping, sender };
  await deliver(ports, task, reply, stop.signal).catch(() => {});
  expect(sends()[1]).toMatchObject(["reply.failed", { chat_id: 7, part: 1, parts: 1, error_class: refusal.kind }]);
  sender.answerWith({ kind: "sent", messageId: 34 });
  nextAttempt();
  await run("hello");
  expect(sends()).toEqual([
    ["reply.sending", { chat_id: 7, part: 1, parts: 1 }],
    ["reply.sent", { chat_id: 7, part: 1, parts: 1, message_id: 34 }],
  ]);
});

test("a refusal takes no doubt from a send before it", async () => {
  logEvent(temporary.db, task.agentId, "reply.sending", { chat_id: 7, part: 1, parts: 1 });
  nextAttempt();
  sender.answerWith({ kind: "forbidden", detail: "Forbidden: bot was blocked by the user" });
  await run("hello");
  nextAttempt();
  await run("hello");
  expect(sends().at(-1)).toMatchObject(["reply.sent", { uncertain: true }]);
});

test("a draft whose send was refused leaves no doubt about the answer", async () => {
  const place = { chat_id: 7, part: 1, parts: 0, draft: true } as const;
  logEvent(temporary.db, task.agentId, "reply.sending", place);
  logEvent(temporary.db, task.agentId, "reply.failed", { ...place, error_class: "rate limited" });
  nextAttempt();
  await run("hello");
  expect(sends()[0]).toEqual(["reply.sending", { chat_id: 7, part: 1, parts: 1 }]);
});

test("what was sent in the place of a draft that is gone is in doubt until its outcome is known", async () => {
  draftSent(33);
  sender.answerEditsWith({ kind: "gone", detail: "Bad Request: message can't be edited" });
  sender.answerWith({ kind: "unauthorised", detail: "Unauthorized" });
  await expect(run("hello")).rejects.toThrow(/refuses/);
  logEvent(temporary.db, task.agentId, "reply.sending", { chat_id: 7, part: 1, parts: 1 });
  nextAttempt();
  await run("hello");
  expect(sender.edited).toHaveLength(1);
  expect(sends().at(-1)).toMatchObject(["reply.sent", { message_id: 1002, uncertain: true }]);
});

test("the line about a message that is set aside takes the place of its draft, and not that of an answer", async () => {
  draftSent(33);
  logEvent(temporary.db, task.agentId, "message.set_aside", { task_id: task.id, exits: [] });
  nextAttempt();
  await run("an error line");
  expect([sender.sent, sender.edited.at(-1)]).toMatchObject([[], { messageId: 33, text: "an error line" }]);
  logEvent(temporary.db, task.agentId, "message.set_aside", { task_id: task.id, exits: [] });
  nextAttempt();
  await run("another");
  expect(sender.sent).toMatchObject([{ text: "another" }]);
});

test("what was sent before a message was asked to be tried again is no part of the new answer", async () => {
  await run("an error line");
  logEvent(temporary.db, null, "message.retried", { by: "ada", from: "cli", task_id: task.id });
  nextAttempt();
  await run("the answer");
  expect(sender.sent.map(({ text }) => text)).toEqual(["an error line", "the answer"]);
  expect(JSON.stringify(sends())).not.toMatch(/uncertain/);
});

test("buttons come under the last part", async () => {
  const buttons = [[{ text: "Retry", data: "retry:1" }]];
  await run(two, { buttons });
  expect(sender.sent.map((message) => message.buttons)).toEqual([undefined, buttons]);
});

test("what is plain is sent as it is", async () => {
  await run("tag_a_b *x*", { format: "plain" });
  expect(sender.sent).toEqual([{ chatId: 7, text: "tag_a_b *x*" }]);
});
