import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../../../shared/event-log.ts";
import { temporaryDelivery } from "./temporary-delivery.ts";

/** Which send may be one more copy of what is there, and which surely is none. */

let reply: ReturnType<typeof temporaryDelivery>;
beforeEach(() => {
  reply = temporaryDelivery();
});
afterEach(() => reply.remove());

test("a draft whose send was lost makes the answer a new message, marked as uncertain", async () => {
  logEvent(reply.db, reply.task().agentId, "reply.sending", { chat_id: 7, part: 1, parts: 0, draft: true });
  reply.nextAttempt();
  await reply.run("hello");
  expect(reply.sender.sent).toHaveLength(1);
  expect(reply.sends()).toEqual([
    ["reply.sending", { chat_id: 7, part: 1, parts: 1, uncertain: true }],
    ["reply.sent", { chat_id: 7, part: 1, parts: 1, message_id: 1001, uncertain: true }],
  ]);
});

test("a send whose answer is lost five times may be there five times: it is not sent again", async () => {
  reply.sender.answerWith(...Array(5).fill({ kind: "uncertain", detail: "socket hang up" }));
  expect(await reply.run("hello")).toEqual({ kind: "refused", detail: "no answer to 5 tries: socket hang up" });
  expect(reply.sender.sent).toHaveLength(5);
});

test("through an outage nothing is sent again before Telegram answers: it would be one more copy", async () => {
  let asked = 0;
  const showTyping = async () => {
    asked += 1;
    return asked < 9 ? ({ kind: "uncertain", detail: "502" } as const) : ({ kind: "done" } as const);
  };
  reply.sender.answerWith({ kind: "uncertain", detail: "502" });
  const sender = { ...reply.sender, showTyping };
  expect(await reply.run("hello", {}, { sender })).toEqual({ kind: "delivered" });
  expect([asked, reply.sender.sent.length]).toEqual([9, 2]);
  expect(reply.sends().at(-1)).toMatchObject(["reply.sent", { uncertain: true }]);
});

test.each([
  ["refused for now", { kind: "rate limited", retryAfterMs: 9000 }],
  ["not let in", { kind: "forbidden", detail: "Forbidden: bot was blocked by the user" }],
  ["not connected", { kind: "not sent", detail: "ECONNREFUSED" }],
] as const)("a send that was surely %s is in no doubt when the next attempt makes it again", async (_, refusal) => {
  const stop = new AbortController();
  reply.sender.answerWith(refusal);
  const clock = { ...reply.clock, sleep: async () => stop.abort(new Error("stopped")) };
  await reply.run("hello", {}, { clock, signal: stop.signal }).catch(() => {});
  expect(reply.sends()[1]).toMatchObject([
    "reply.failed",
    { chat_id: 7, part: 1, parts: 1, error_class: refusal.kind },
  ]);
  reply.sender.answerWith({ kind: "sent", messageId: 34 });
  reply.nextAttempt();
  await reply.run("hello");
  expect(reply.sends()).toEqual([
    ["reply.sending", { chat_id: 7, part: 1, parts: 1 }],
    ["reply.sent", { chat_id: 7, part: 1, parts: 1, message_id: 34 }],
  ]);
});

test("a refusal takes no doubt from a send before it", async () => {
  logEvent(reply.db, reply.task().agentId, "reply.sending", { chat_id: 7, part: 1, parts: 1 });
  reply.nextAttempt();
  reply.sender.answerWith({ kind: "forbidden", detail: "Forbidden: bot was blocked by the user" });
  await reply.run("hello");
  reply.nextAttempt();
  await reply.run("hello");
  expect(reply.sends().at(-1)).toMatchObject(["reply.sent", { uncertain: true }]);
});

test("a draft whose send was refused leaves no doubt about the answer", async () => {
  const place = { chat_id: 7, part: 1, parts: 0, draft: true } as const;
  logEvent(reply.db, reply.task().agentId, "reply.sending", place);
  logEvent(reply.db, reply.task().agentId, "reply.failed", { ...place, error_class: "rate limited" });
  reply.nextAttempt();
  await reply.run("hello");
  expect(reply.sends()[0]).toEqual(["reply.sending", { chat_id: 7, part: 1, parts: 1 }]);
});

test("what was sent in the place of a draft that is gone is in doubt until its outcome is known", async () => {
  reply.draftSent(33);
  reply.sender.answerEditsWith({ kind: "gone", detail: "Bad Request: message can't be edited" });
  reply.sender.answerWith({ kind: "unauthorised", detail: "Unauthorized" });
  await expect(reply.run("hello")).rejects.toThrow(/refuses/);
  logEvent(reply.db, reply.task().agentId, "reply.sending", { chat_id: 7, part: 1, parts: 1 });
  reply.nextAttempt();
  await reply.run("hello");
  expect(reply.sender.edited).toHaveLength(1);
  expect(reply.sends().at(-1)).toMatchObject(["reply.sent", { message_id: 1002, uncertain: true }]);
});
