import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { eventById, logEvent, newestEvents } from "../../../shared/event-log.ts";
import { createFakeClock } from "../../../shared/fake-clock.ts";
import { fakeExit } from "../../../shared/fake-exit.ts";
import { acceptBatch } from "../../../shared/inbox.ts";
import { silentLogger } from "../../../shared/logging.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { createFakeSender, type FakeSender } from "../delivery/fake-sender.ts";
import type { OutgoingMessage } from "../delivery/sender.ts";
import { isOwner } from "../intake/access.ts";
import { keepOperatorTold, type OperatorSettings } from "./tell-operator.ts";

let temporary: TemporaryDatabase;
let sender: FakeSender;
let worker: number;
beforeEach(() => {
  temporary = temporaryDatabase();
  sender = createFakeSender();
  worker = logEvent(temporary.db, null, "process.started", { role: "worker", pid: 1, version: "v", instance: "1.1" });
});
afterEach(() => temporary.remove());

const everyone = { kind: "everyone" } as const;

/** Runs it for so many looks, with what comes to pass in the pause after each, and returns the pauses. */
async function tell(looks = 1, owner: Partial<OperatorSettings> = {}, inPause: () => void = () => {}) {
  const stop = new AbortController();
  const pauses: number[] = [];
  const sleep = async (ms: number) => {
    pauses.push(ms);
    inPause();
    if (pauses.length >= looks) stop.abort();
  };
  const ports = { db: temporary.db, clock: { ...createFakeClock(), sleep }, log: silentLogger, sender };
  const settings = { botId: 42, processId: worker, ownerChat: 7, allowed: everyone, ...owner };
  await keepOperatorTold(ports, settings, stop.signal);
  return pauses;
}

function rolledBack(change: { reason?: string; success?: boolean; from_revision?: string } = {}): number {
  const base = { target_revision: "worker:a", success: true, from_revision: "worker:b", reason: "crash loop" };
  return logEvent(temporary.db, null, "rollback.attempted", { ...base, request_id: null, error: null, ...change });
}

function exited(revision: string, log_tail: string[]) {
  logEvent(temporary.db, null, "worker.exited", fakeExit({ revision, process_id: worker, log_tail }));
}

function answered(updateId: number, chatId: number, botId = 42) {
  const update = { updateId, chatId, messageId: 1, text: "hello", messageDate: 0, status: "queued" as const };
  acceptBatch(temporary.db, { botId, offsetSent: 0, updates: [update] }, null);
  temporary.db.prepare("UPDATE inbox SET status = 'done' WHERE update_id = ?").run(updateId);
}

const sentTo = () => sender.sent.map(({ chatId }) => chatId);
const told = () => newestEvents(temporary.db, "operator.told", 10).map(({ payload }) => payload);

test("a rollback is told with the failed worker's last words, and that it was told is in the log", async () => {
  exited("worker:b", ["older"]);
  exited("worker:b", ["TypeError: x is not a function"]);
  exited("worker:a", ["of another revision"]);
  const about = rolledBack();
  exited("worker:b", ["of a later trial"]);
  await tell();
  expect(sender.sent).toEqual([
    {
      chatId: 7,
      text: "Rolled back from worker:b to worker:a.\nReason: crash loop\n\nThe last lines of worker:b:\nTypeError: x is not a function",
    },
  ]);
  expect(newestEvents(temporary.db, "operator.told", 10)).toMatchObject([
    { parentId: worker, payload: { about, chat_id: 7, message_id: 1001 } },
  ]);
});

test("a rollback is told once, by this worker and the next", async () => {
  rolledBack();
  await tell(3);
  await tell(3);
  expect(sender.sent).toHaveLength(1);
});

test("a rollback that is recorded only after this worker was ready is told too", async () => {
  expect(await tell(2, {}, rolledBack)).toHaveLength(2);
  expect(sender.sent).toHaveLength(1);
});

test("of several rollbacks nobody was told of, the newest is news", async () => {
  rolledBack({ from_revision: "worker:c" });
  const newest = rolledBack();
  await tell(3);
  expect(told()).toMatchObject([{ about: newest }]);
});

test.each([
  ["asked for by hand", { reason: "requested" }],
  ["that did not succeed", { success: false }],
])("a rollback %s is nobody's news, and hides none before it", async (_, change) => {
  rolledBack(change);
  await tell();
  expect(sender.sent).toEqual([]);
  const about = rolledBack();
  rolledBack(change);
  await tell();
  expect(told()).toMatchObject([{ about }]);
});

test("a send that fails is tried again, later and later, for as long as the worker lives", async () => {
  rolledBack();
  sender.answerWith(
    { kind: "rate limited", retryAfterMs: 30_000 },
    ...Array(9).fill({ kind: "refused", detail: "Forbidden: bot was blocked by the user" }),
    { kind: "uncertain", detail: "ECONNRESET" },
  );
  const pauses = await tell(12);
  expect(pauses).toEqual([
    ...[30_000, 5000, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 600_000, 600_000, 600_000],
    5000,
  ]);
  expect(told()).toHaveLength(1);
});

test("what goes wrong in telling is no reason to take the agent down", async () => {
  rolledBack();
  const readable = sender.send;
  Object.assign(sender, { send: () => Promise.reject(new Error("a bug")) });
  await tell(2, {}, () => Object.assign(sender, { send: readable }));
  expect(told()).toHaveLength(1);
});

test("asked to stop in the middle of a send, it leaves at once, records nothing and complains of nothing", async () => {
  rolledBack();
  const stop = new AbortController();
  const sending = Promise.withResolvers<void>();
  const send = (_chatId: number, _message: OutgoingMessage, signal: AbortSignal) => {
    sending.resolve();
    return new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  };
  const complaints: unknown[] = [];
  const log = Object.assign(Object.create(silentLogger), { warn: (about: unknown) => complaints.push(about) });
  const running = keepOperatorTold(
    { db: temporary.db, clock: createFakeClock(), log, sender: { ...sender, send } },
    { botId: 42, processId: worker, ownerChat: 7, allowed: everyone },
    stop.signal,
  );
  await sending.promise;
  stop.abort(new Error("stopped"));
  await running;
  expect(told()).toEqual([]);
  expect(complaints).toEqual([]);
});

test("the owner's chat is the named one, else the first allowed, else the one answered last", async () => {
  answered(500, 20);
  answered(501, 30);
  answered(502, 40, 43);
  answered(503, 50);
  temporary.db.prepare("UPDATE inbox SET status = 'failed' WHERE update_id = 503").run();
  const listed = { kind: "listed", ids: new Set([-5, 6]) } as const;
  const nobody = { kind: "listed", ids: new Set<number>() } as const;
  for (const owner of [
    { ownerChat: 7, allowed: listed },
    { ownerChat: null, allowed: listed },
    { ownerChat: null, allowed: everyone },
    { ownerChat: null, allowed: nobody },
  ]) {
    rolledBack();
    await tell(1, owner);
  }
  expect(sentTo()).toEqual([7, -5, 30, 30]);
});

test("an owner's group that became a supergroup is told there, and may do there what is the owner's", async () => {
  const about = rolledBack();
  sender.answerWith({ kind: "migrated", toChatId: -1007, detail: "group chat was upgraded to a supergroup chat" });
  await tell(2, { ownerChat: -7 });
  expect(sentTo()).toEqual([-7, -1007]);
  expect(told()).toMatchObject([{ about, chat_id: -1007 }]);
  const access = { allowed: { kind: "listed", ids: new Set<number>() }, ownerChat: -7 } as const;
  expect(isOwner(temporary.db, access, { chatId: -1007, senderId: 5 })).toBe(true);
  expect(isOwner(temporary.db, access, { chatId: -1008, senderId: 5 })).toBe(false);
});

test("with nobody to tell, it waits until somebody has been answered", async () => {
  const about = rolledBack();
  const pauses = await tell(2, { ownerChat: null }, () => answered(500, 20));
  expect(pauses).toEqual([60_000, 5000]);
  expect(sentTo()).toEqual([20]);
  expect(eventById(temporary.db, about)).not.toBeNull();
});

test("what became of a request is told in the chat that asked, by whichever worker lives then", async () => {
  const requestId = logEvent(temporary.db, null, "deploy.requested", { by: "9", from: "chat", revision: "worker:b" });
  const named = { revision: "worker:b", image_id: "sha256:b" };
  logEvent(temporary.db, null, "deploy.started", { ...named, request_id: requestId, reason: "requested" });
  await tell();
  expect(sender.sent).toEqual([]);
  const evidence = { ready_seconds: 60, instance: "1.1" };
  logEvent(temporary.db, null, "revision.promoted", { ...named, evidence });
  await tell(3);
  expect(sender.sent).toEqual([{ chatId: 9, text: "done: worker:b is promoted" }]);
});

test("the owner is told how much of the day's budget is used, once, and can add to it when nothing is left", async () => {
  const notice = (percent: 80 | 100, day = "2030-01-01") =>
    logEvent(temporary.db, worker, "budget.noticed", { day, percent, spent_usd: percent / 50, budget_usd: 2 });
  notice(100, "2029-12-31");
  await tell();
  expect(sender.sent).toEqual([]);
  notice(80);
  await tell(2);
  expect(sender.sent).toEqual([{ chatId: 7, text: "80 % of today's budget is used: $1.60 of $2.00." }]);
  const about = notice(100);
  await tell(2);
  expect(sender.sent[1]).toMatchObject({ buttons: [[{ text: "Add $1 for today", data: `budget:${about}` }]] });
  expect(sender.sent).toHaveLength(2);
  expect(newestEvents(temporary.db, "operator.told", 1)[0]?.payload).toMatchObject({ about, chat_id: 7 });
});

test("an outcome that Telegram does not take does not hold back what the owner is to be told", async () => {
  const request_id = logEvent(temporary.db, null, "deploy.requested", { by: "8", from: "chat", revision: "worker:c" });
  logEvent(temporary.db, null, "deploy.rejected", { request_id, revision: "worker:c", reason: "no such image" });
  const about = rolledBack();
  sender.answerWith({ kind: "refused", detail: "Bad Request: not enough rights to send text messages to the chat" });
  await tell(3);
  expect(sender.sent.map(({ chatId }) => chatId)).toEqual([8, 7]);
  expect(told()).toMatchObject([{ about, chat_id: 7 }]);
});

test("a chat that lets the bot in no more does not hold back what the owner is to be told", async () => {
  const request_id = logEvent(temporary.db, null, "deploy.requested", { by: "8", from: "chat", revision: "worker:c" });
  logEvent(temporary.db, null, "deploy.rejected", { request_id, revision: "worker:c", reason: "no such image" });
  const about = rolledBack();
  sender.answerWith({ kind: "forbidden", detail: "Forbidden: bot was blocked by the user" });
  await tell(2);
  expect(sender.sent.map(({ chatId }) => chatId)).toEqual([8, 7]);
  expect(newestEvents(temporary.db, "operator.told", 9).map(({ payload }) => payload.about)).toEqual([about]);
  logEvent(temporary.db, worker, "chat.unparked", { chat_id: 8 });
  await tell();
  expect(sender.sent.at(-1)).toMatchObject({ chatId: 8, text: expect.stringMatching(/rejected: no such image/) });
});

test("an outcome with long last lines is told whole, in parts that Telegram takes, and goes on where it stopped", async () => {
  const lines = Array.from({ length: 10 }, (_, index) => `${index} ${"word ".repeat(98)}`.slice(0, 490));
  const request_id = logEvent(temporary.db, null, "deploy.requested", { by: "8", from: "chat", revision: "worker:c" });
  logEvent(temporary.db, null, "deploy.rejected", { request_id, revision: "worker:c", reason: lines.join("\n") });
  sender.answerWith({ kind: "sent", messageId: 1 }, { kind: "not sent", detail: "no connection" });
  await tell(3);
  expect(sentTo()).toEqual([8, 8, 8]);
  expect(sender.sent[2]).toEqual(sender.sent[1]);
  const text = [sender.sent[0], sender.sent[2]].map((part) => part?.text).join("\n");
  for (const line of lines) expect(text).toContain(line.trim());
  expect(told()).toEqual([{ about: request_id, chat_id: 8, message_id: 1003 }]);
});
