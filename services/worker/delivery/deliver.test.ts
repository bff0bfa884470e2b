import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { eventsAfter, logEvent } from "../../../shared/event-log.ts";
import { recentHistory, remember } from "../../../shared/history.ts";
import { temporaryDelivery } from "./temporary-delivery.ts";

let reply: ReturnType<typeof temporaryDelivery>;
beforeEach(() => {
  reply = temporaryDelivery();
});
afterEach(() => reply.remove());

const two = `${"a".repeat(4000)}\n\n${"b".repeat(4000)}`;

test("the answer takes the place of its draft, and further parts are sent", async () => {
  reply.draftSent(33);
  expect(await reply.run(two)).toEqual({ kind: "delivered" });
  expect(reply.sender.edited.map(({ messageId, text }) => [messageId, text[0]])).toEqual([[33, "a"]]);
  expect(reply.sender.sent.map(({ text }) => text[0])).toEqual(["b"]);
  expect(reply.sends().slice(2)).toEqual([
    ["reply.sending", { chat_id: 7, part: 1, parts: 2 }],
    ["reply.sent", { chat_id: 7, part: 1, parts: 2, message_id: 33 }],
    ["reply.sending", { chat_id: 7, part: 2, parts: 2 }],
    ["reply.sent", { chat_id: 7, part: 2, parts: 2, message_id: 1001 }],
  ]);
});

test("after a crash the draft of the attempt before is found, and nothing is in the chat twice", async () => {
  reply.draftSent(33);
  logEvent(reply.db, reply.task().agentId, "reply.sending", { chat_id: 7, part: 1, parts: 1 });
  reply.nextAttempt();
  await reply.run("hello");
  expect([reply.sender.sent, reply.sender.edited]).toEqual([[], [{ chatId: 7, messageId: 33, text: "hello" }]]);
  expect(JSON.stringify(reply.sends())).not.toMatch(/uncertain/);
});

test("a draft that cannot be edited any more is removed, and the answer sent anew", async () => {
  reply.draftSent(33);
  reply.sender.answerEditsWith({ kind: "gone", detail: "Bad Request: message can't be edited" });
  await reply.run("hello");
  expect(reply.sender.removed).toEqual([{ chatId: 7, messageId: 33 }]);
  expect(reply.sender.sent).toMatchObject([{ text: "hello" }]);
});

test("an edit whose answer was lost is made again, for as long as it takes, and leaves no doubt", async () => {
  reply.draftSent(33);
  reply.sender.answerEditsWith(...Array(9).fill({ kind: "uncertain", detail: "socket hang up" }));
  expect(await reply.run("hello")).toEqual({ kind: "delivered" });
  expect(reply.sender.edited).toHaveLength(10);
  expect(reply.sends().at(-1)).toEqual(["reply.sent", { chat_id: 7, part: 1, parts: 1, message_id: 33 }]);
});

test("formatting that Telegram refuses is left out, not the text", async () => {
  reply.sender.answerWith({ kind: "formatting refused", detail: "Bad Request: can't parse entities" });
  await reply.run("**hello**");
  expect(reply.sender.sent).toEqual([
    { chatId: 7, text: "hello", entities: [{ type: "bold", offset: 0, length: 5 }] },
    { chatId: 7, text: "hello" },
  ]);
});

test("an answer that Telegram refuses is followed by a line that says so, and fails", async () => {
  reply.sender.answerWith({ kind: "refused", detail: "Bad Request: no" });
  expect(await reply.run(two)).toEqual({ kind: "refused", detail: "Bad Request: no" });
  expect(reply.sender.sent.map(({ text }) => text.slice(0, 60))).toEqual([
    "a".repeat(60),
    "I have an answer, but Telegram does not accept it. (Reference".slice(0, 60),
  ]);
  expect(reply.sends().at(-1)).toEqual(["reply.sent", { chat_id: 7, part: 1, parts: 1, message_id: 1002 }]);
});

test("that an answer was refused is written together with the line that says so", async () => {
  reply.sender.answerWith({ kind: "sent", messageId: 1 }, { kind: "refused", detail: "Bad Request: no" });
  const before: unknown[] = [];
  const onRefusal = () => before.push(reply.sends().at(-1));
  await reply.run(two, { onRefusal });
  expect(before).toEqual([["reply.sent", { chat_id: 7, part: 2, parts: 2, message_id: 1003 }]]);
});

test("where not even that line is taken, it is written all the same", async () => {
  const refused = { kind: "refused", detail: "Bad Request: no" } as const;
  reply.sender.answerWith(refused, refused);
  const told: string[] = [];
  await reply.run("hello", { onRefusal: (detail) => told.push(detail) });
  expect(told).toEqual(["Bad Request: no"]);
});

test("a draft is not left half-written when the answer is refused", async () => {
  reply.draftSent(33);
  reply.sender.answerEditsWith({ kind: "refused", detail: "Bad Request: no" });
  await reply.run("hello");
  expect(reply.sender.edited.at(-1)).toMatchObject({ messageId: 33, text: expect.stringMatching(/does not accept/) });
});

test("a chat that lets nothing in keeps what was not sent for later", async () => {
  reply.sender.answerWith(
    { kind: "sent", messageId: 1 },
    { kind: "forbidden", detail: "Forbidden: bot was blocked by the user" },
  );
  expect(await reply.run(two)).toEqual({ kind: "forbidden", detail: "Forbidden: bot was blocked by the user" });
  reply.nextAttempt();
  await reply.run(two);
  expect(reply.sender.sent.map(({ text }) => text[0])).toEqual(["a", "b", "b"]);
});

test("a group that became a supergroup is followed there, with what was said and what is open", async () => {
  remember(reply.db, 7, reply.task().id, { role: "user", text: "hello" });
  reply.ask(501, 7);
  reply.draftSent(33);
  reply.sender.answerEditsWith({ kind: "migrated", toChatId: -1007, detail: "Bad Request: group chat was upgraded" });
  expect(await reply.run("hello")).toEqual({ kind: "delivered" });
  expect(reply.sender.sent).toEqual([{ chatId: -1007, text: "hello" }]);
  expect(recentHistory(reply.db, -1007, 9)).toHaveLength(1);
  expect(reply.db.prepare("SELECT DISTINCT chat_id FROM inbox").pluck().all()).toEqual([-1007]);
  const migrated = eventsAfter(reply.db, 0, 100).filter(({ eventType }) => eventType === "chat.migrated");
  expect(migrated).toMatchObject([{ parentId: reply.worker, payload: { chat_id: 7, to_chat_id: -1007 } }]);
  expect(reply.sends().at(-1)).toEqual(["reply.sent", { chat_id: -1007, part: 1, parts: 1, message_id: 1001 }]);
});

test("a group that becomes a supergroup between two parts gets each of them once", async () => {
  reply.sender.answerWith(
    { kind: "sent", messageId: 1 },
    { kind: "migrated", toChatId: -1007, detail: "Bad Request: group chat was upgraded" },
  );
  expect(await reply.run(two)).toEqual({ kind: "delivered" });
  const taken = reply.sender.sent.map(({ chatId, text }) => [chatId, text[0]]);
  expect(taken).toEqual([
    [7, "a"],
    [7, "b"],
    [-1007, "b"],
  ]);
});

test("the line about a message that is set aside takes the place of its draft, and not that of an answer", async () => {
  reply.draftSent(33);
  logEvent(reply.db, reply.task().agentId, "message.set_aside", { task_id: reply.task().id, exits: [] });
  reply.nextAttempt();
  await reply.run("an error line");
  expect([reply.sender.sent, reply.sender.edited.at(-1)]).toMatchObject([[], { messageId: 33, text: "an error line" }]);
  logEvent(reply.db, reply.task().agentId, "message.set_aside", { task_id: reply.task().id, exits: [] });
  reply.nextAttempt();
  await reply.run("another");
  expect(reply.sender.sent).toMatchObject([{ text: "another" }]);
});

test("what was sent before a message was asked to be tried again is no part of the new answer", async () => {
  await reply.run("an error line");
  logEvent(reply.db, null, "message.retried", { by: "ada", from: "cli", task_id: reply.task().id });
  reply.nextAttempt();
  await reply.run("the answer");
  expect(reply.sender.sent.map(({ text }) => text)).toEqual(["an error line", "the answer"]);
  expect(JSON.stringify(reply.sends())).not.toMatch(/uncertain/);
});

test("buttons come under the last part", async () => {
  const buttons = [[{ text: "Retry", data: "retry:1" }]];
  await reply.run(two, { buttons });
  expect(reply.sender.sent.map((message) => message.buttons)).toEqual([undefined, buttons]);
});

test("what is plain is sent as it is", async () => {
  await reply.run("tag_a_b *x*", { format: "plain" });
  expect(reply.sender.sent).toEqual([{ chatId: 7, text: "tag_a_b *x*" }]);
});
