import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { inTransaction } from "../../../shared/database.ts";
import { eventById, lastEvents, logEvent } from "../../../shared/event-log.ts";
import { fakeExit } from "../../../shared/fake-exit.ts";
import { acceptBatch } from "../../../shared/inbox.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { waitsForOlderReply } from "./claimable.ts";
import { complete, fail, markReplying, release, type Task } from "./claims.ts";
import { releaseDeadClaims } from "./dead-claims.ts";
import { claimNext, claimNextControl } from "./temporary-claims.ts";

let temporary: TemporaryDatabase;
let worker: number;
beforeEach(() => {
  temporary = temporaryDatabase();
  worker = startWorker("1.1");
});
afterEach(() => temporary.remove());

const startWorker = (instance: string) =>
  logEvent(temporary.db, null, "process.started", { role: "worker", pid: 1, version: "v", instance });

const exitWorker = () => exitWorkerOf("1.1");
function exitWorkerOf(instance: string) {
  logEvent(temporary.db, null, "worker.exited", fakeExit({ instance, process_id: worker }));
}

/** One message for each chat id given, in this order. */
function queue(...chatIds: number[]) {
  const updates = chatIds.map((chatId, index) => ({
    updateId: 500 + index,
    chatId,
    messageId: index,
    text: `text ${index}`,
    messageDate: 0,
    status: "queued" as const,
  }));
  acceptBatch(temporary.db, { botId: 42, offsetSent: 0, updates }, null);
}

function claim(processId = worker): Task {
  const task = claimNext(temporary.db, processId);
  if (!task) throw new Error("nothing to claim");
  return task;
}
const row = (id: number) =>
  temporary.db.prepare("SELECT status, attempts, locked_by, error, text FROM inbox WHERE id = ?").get(id);

test("the oldest message of each chat is claimed, one at a time in a chat, many chats at once", () => {
  queue(7, 7, 8);
  const first = claim();
  const second = claim();
  expect([first.chatId, second.chatId]).toEqual([7, 8]);
  expect(claimNext(temporary.db, worker)).toBeNull();
  complete(temporary.db, first);
  expect(claim().text).toBe("text 1");
});

test("a claim starts an attempt, a tree of its own that names the worker", () => {
  queue(7);
  const task = claim();
  expect(eventById(temporary.db, task.agentId)).toMatchObject({
    parentId: null,
    eventType: "agent.started",
    payload: { chat_id: 7, task_id: task.id, update_id: 500, process_id: worker, attempt: 1 },
  });
  expect(eventById(temporary.db, task.agentId)?.payload).not.toHaveProperty("resumes");
  expect(task.resumes).toBeNull();
});

test("what a dead worker had in hand is free once its exit is in the log, and stays charged", () => {
  queue(7);
  const lost = claim();
  const successor = startWorker("1.2");
  expect(releaseDeadClaims(temporary.db, successor)).toBe(0);
  exitWorker();
  expect(releaseDeadClaims(temporary.db, successor)).toBe(1);
  const again = claim(successor);
  expect(again).toMatchObject({ id: lost.id, stored: false });
  expect(eventById(temporary.db, again.agentId)?.payload).toMatchObject({ attempt: 2, resumes: lost.agentId });
});

test("a reply that a dead worker stored is delivered by the next one, not made again", () => {
  queue(7);
  const lost = claim();
  inTransaction(temporary.db, () => markReplying(temporary.db, lost, null));
  exitWorker();
  const successor = startWorker("1.2");
  releaseDeadClaims(temporary.db, successor);
  expect(claim(successor)).toMatchObject({ id: lost.id, stored: true });
});

test("nobody ends a claim that is another's", () => {
  queue(7);
  const lost = claim();
  exitWorker();
  const successor = startWorker("1.2");
  releaseDeadClaims(temporary.db, successor);
  const again = claim(successor);
  for (const end of [
    () => complete(temporary.db, lost),
    () => fail(temporary.db, lost, { error: "e", errorClass: "c" }),
    () => release(temporary.db, lost),
    () => markReplying(temporary.db, lost, null),
  ]) {
    expect(end).toThrow(/no longer claimed by process/);
  }
  expect(row(lost.id)).toMatchObject({ status: "in_progress", locked_by: again.processId });
});

test("what is given back is queued again and no attempt is charged", () => {
  queue(7);
  const task = claim();
  release(temporary.db, task);
  expect(row(task.id)).toMatchObject({ status: "queued", attempts: 0, locked_by: null });
  expect(lastEvents(temporary.db, 1)).toMatchObject([
    { parentId: task.agentId, eventType: "agent.failed", payload: { error_class: "stopped" } },
  ]);
});

test("a failed message keeps its text and lets the next one of its chat go on", () => {
  queue(7, 7);
  const task = claim();
  fail(temporary.db, task, { error: "no key", errorClass: "unauthorised" });
  expect(row(task.id)).toEqual({ status: "failed", attempts: 1, locked_by: null, error: "no key", text: "text 0" });
  expect(claim().text).toBe("text 1");
});

test("the error that is kept holds no secret", () => {
  queue(7);
  const task = claim();
  fail(temporary.db, task, { error: `POST /bot123456789:${"A".repeat(35)}/sendMessage`, errorClass: "not_delivered" });
  expect(row(task.id)).toMatchObject({ error: "POST /bot[redacted]/sendMessage" });
});

test("a message that is not due yet waits, and the later ones of its chat with it", () => {
  queue(7, 7, 8);
  temporary.db.prepare("UPDATE inbox SET not_before = ? WHERE update_id = 500").run(Date.now() + 60_000);
  expect(claim().chatId).toBe(8);
  expect(claimNext(temporary.db, worker)).toBeNull();
});

test("a worker started again in place frees what it had in hand before", () => {
  queue(7);
  const lost = claim();
  const inPlace = startWorker("1.1");
  expect(releaseDeadClaims(temporary.db, inPlace)).toBe(1);
  expect(claim(inPlace).id).toBe(lost.id);
});

/** As the intake does with `/name`. */
function queueControls(...chatIds: number[]) {
  const updates = chatIds.map((chatId, index) => ({
    updateId: 900 + index,
    chatId,
    messageId: 100 + index,
    text: `/status ${index}`,
    messageDate: 0,
    status: "queued" as const,
    kind: "command" as const,
  }));
  acceptBatch(temporary.db, { botId: 42, offsetSent: 0, updates }, null);
}

test("a command waits for no message, and no message for it; in a chat, commands go in order", () => {
  queue(7);
  queueControls(7, 7, 8);
  claim();
  const first = claimNextControl(temporary.db, worker);
  expect(first).toMatchObject({ kind: "command", text: "/status 0", chatId: 7 });
  expect(claimNextControl(temporary.db, worker)).toMatchObject({ chatId: 8 });
  expect(claimNextControl(temporary.db, worker)).toBeNull();
  if (first) complete(temporary.db, first);
  expect(claimNextControl(temporary.db, worker)).toMatchObject({ text: "/status 1" });
  expect(claimNext(temporary.db, worker)).toBeNull();
});

test("a command's reply waits for that of an older command of its chat, and for no other chat's", () => {
  queueControls(7, 7, 8);
  const older = claimNextControl(temporary.db, worker);
  if (!older) throw new Error("nothing to claim");
  inTransaction(temporary.db, () => markReplying(temporary.db, older, null));
  const idOf = temporary.db.prepare("SELECT id FROM inbox WHERE update_id = ?").pluck();
  const waits = () => [900, 901, 902].map((updateId) => waitsForOlderReply(temporary.db, Number(idOf.get(updateId))));
  expect(waits()).toEqual([false, true, false]);
  complete(temporary.db, older);
  expect(waits()).toEqual([false, false, false]);
});

test("an attempt at a command names it, without what came with it; without a name it is a notice", () => {
  queueControls(7, 8);
  temporary.db.prepare("UPDATE inbox SET text = '…' WHERE chat_id = 8").run();
  const agents = [claimNextControl(temporary.db, worker), claimNextControl(temporary.db, worker)];
  expect(agents.map((task) => eventById(temporary.db, task?.agentId ?? 0)?.payload)).toMatchObject([
    { command: "/status" },
    { command: "notice" },
  ]);
});

test("a message queued again waits for the younger one of its chat that is in hand", () => {
  queue(7, 7);
  fail(temporary.db, claim(), { error: "e", errorClass: "c" });
  const younger = claim();
  temporary.db.prepare("UPDATE inbox SET status = 'queued' WHERE update_id = 500").run();
  expect(claimNext(temporary.db, worker)).toBeNull();
  complete(temporary.db, younger);
  expect(claim().text).toBe("text 0");
});

test("a chat that is paused, or that Telegram keeps us from, keeps its messages for later", () => {
  queue(7, 8, 9);
  logEvent(temporary.db, worker, "chat.paused", { chat_id: 7 });
  logEvent(temporary.db, worker, "chat.parked", { chat_id: 8, reason: "blocked" });
  expect(claim().chatId).toBe(9);
  expect(claimNext(temporary.db, worker)).toBeNull();
  logEvent(temporary.db, worker, "chat.resumed", { chat_id: 7 });
  logEvent(temporary.db, worker, "chat.unparked", { chat_id: 8 });
  expect([claim().chatId, claim().chatId]).toEqual([7, 8]);
});

test("a command waits while its chat is parked, or its answer would go out in vain again and again", () => {
  queueControls(7);
  logEvent(temporary.db, worker, "chat.parked", { chat_id: 7, reason: "blocked" });
  expect(claimNextControl(temporary.db, worker)).toBeNull();
  logEvent(temporary.db, worker, "chat.unparked", { chat_id: 7 });
  expect(claimNextControl(temporary.db, worker)).toMatchObject({ chatId: 7 });
});

test("what a person stopped stays as their command left it when the attempt gives it back", () => {
  queue(7);
  const task = claim();
  temporary.db.prepare("UPDATE inbox SET status = 'failed', error = 'stopped', locked_by = NULL").run();
  const stopped = { task_id: task.id, error: "stopped", error_class: "stopped" };
  logEvent(temporary.db, task.agentId, "agent.failed", stopped);
  release(temporary.db, task);
  expect(row(task.id)).toMatchObject({ status: "failed", error: "stopped" });
});
