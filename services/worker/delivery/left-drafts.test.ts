import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { inTransaction } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { drop } from "../../../shared/inbox.ts";
import { fakeConversation } from "../commands/fake-conversation.ts";
import type { Task } from "../queue/claims.ts";
import { ENDED, keepDraftsEnded, REPLIES } from "./left-drafts.ts";

let chat: ReturnType<typeof fakeConversation>;
beforeEach(() => {
  chat = fakeConversation();
});
afterEach(() => chat.remove());

const PLACE = { chat_id: 7, part: 1, parts: 0, draft: true } as const;

/** A message whose attempt showed a draft before it failed for now: it waits for the next one. */
function messageWithDraft(messageId = 33): Task {
  const task = chat.begin("hello");
  logEvent(chat.db, task.agentId, "reply.sending", PLACE);
  logEvent(chat.db, task.agentId, "reply.sent", { ...PLACE, message_id: messageId });
  logEvent(chat.db, task.agentId, "agent.failed", { task_id: task.id, error: "429", error_class: "rate_limited" });
  const wait = "UPDATE inbox SET status = 'queued', not_before = 9e15, locked_by = NULL WHERE id = ?";
  chat.db.prepare(wait).run(task.id);
  return task;
}
function dropMessage({ id: task_id }: Task) {
  inTransaction(chat.db, () => {
    drop(chat.db, task_id);
    logEvent(chat.db, null, "message.dropped", { by: "ada", from: "cli", task_id });
  });
}

/** So many looks of a worker that begins now, with what comes to pass between them. */
async function look(looks = 1, { inHand = [] as number[], between = () => {} } = {}) {
  const stop = new AbortController();
  let left = looks;
  const sleep = async (ms: number) => {
    chat.clock.advance(ms);
    between();
    left -= 1;
    if (left === 0) stop.abort();
  };
  const isInHand = (taskId: number) => inHand.includes(taskId);
  await keepDraftsEnded({ db: chat.db, clock: { ...chat.clock, sleep }, sender: chat.sender, isInHand }, stop.signal);
}
const edits = () => chat.sender.edited.map(({ messageId, text }) => [messageId, text]);

test("a message that is stopped while it waits for another attempt leaves no draft behind, also after a restart", async () => {
  const task = messageWithDraft();
  await chat.ask("/stop");
  expect(chat.row(task.id)).toMatchObject({ status: "failed", error: "stopped" });
  await look(2);
  expect(edits()).toEqual([[33, "(You stopped it here.)"]]);
  await look();
  expect(edits()).toHaveLength(1);
});

test("nor does one that an operator drops", async () => {
  dropMessage(messageWithDraft());
  await look();
  expect(edits()).toEqual([[33, "(This will not be answered.)"]]);
});

test("an attempt that is still under way ends its draft itself", async () => {
  const task = messageWithDraft();
  await chat.ask("/stop");
  const inHand = [task.id];
  const between = () => {
    logEvent(chat.db, task.agentId, "reply.sent", { chat_id: 7, part: 1, parts: 1, message_id: 33 });
    inHand.pop();
  };
  await look(2, { inHand, between });
  expect(edits()).toEqual([]);
});

test("a draft that an answer took the place of is none any more", async () => {
  const task = messageWithDraft();
  logEvent(chat.db, task.agentId, "reply.sent", { chat_id: 7, part: 1, parts: 2, message_id: 33 });
  await chat.ask("/stop");
  await look();
  expect(edits()).toEqual([]);
});

test("a draft of before a message was tried anew is ended, and not the one of after", async () => {
  const task = messageWithDraft();
  await chat.ask("/stop");
  await chat.ask("/retry");
  const again = "UPDATE inbox SET status = 'queued', not_before = NULL WHERE id = ?";
  chat.db.prepare(again).run(task.id);
  logEvent(chat.db, task.agentId, "reply.sent", { ...PLACE, message_id: 34 });
  await look();
  expect(edits()).toEqual([[33, "(You stopped it here.)"]]);
});

test.each([
  ["tried again when Telegram asks to wait", { kind: "rate limited", retryAfterMs: 3000 }, 4, 2],
  ["tried again when the answer is lost", { kind: "uncertain", detail: "socket hang up" }, 2, 2],
  ["not tried again in vain", { kind: "gone", detail: "message to edit not found" }, 4, 1],
] as const)("the end of a draft is %s", async (_, result, looks, tries) => {
  messageWithDraft();
  await chat.ask("/stop");
  chat.sender.answerEditsWith(result);
  await look(looks);
  expect(edits()).toHaveLength(tries);
  await look();
  expect(edits()).toHaveLength(tries);
});

test("what was made an end of, and its drafts, are found without a walk over the log", () => {
  const planOf = (query: string, value: number) =>
    (chat.db.prepare(`EXPLAIN QUERY PLAN ${query}`).all(value) as { detail: string }[]).map(({ detail }) => detail);
  expect(planOf(ENDED, 0)).toContain("SEARCH events USING INDEX events_by_type (event_type=? AND rowid>?)");
  expect(planOf(REPLIES, 1).slice(0, 2)).toEqual([
    "SEARCH a USING INDEX attempts_by_task (<expr>=?)",
    "SEARCH e USING INDEX events_by_parent (parent_id=?)",
  ]);
});
