import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "./event-log.ts";
import { fakeExit } from "./fake-exit.ts";
import { recentHistory, remember } from "./history.ts";
import {
  acceptBatch,
  type BacklogLimit,
  deriveOffset,
  drop,
  firstStartOf,
  type IncomingUpdate,
  requeue,
} from "./inbox.ts";
import { type TemporaryDatabase, temporaryDatabase } from "./temporary-database.ts";

const BOT = 42;
const START = Date.UTC(2030, 0, 1);

let temporary: TemporaryDatabase;
beforeEach(() => {
  temporary = temporaryDatabase();
});
afterEach(() => temporary.remove());

const message = (updateId: number, changes: Partial<IncomingUpdate> = {}): IncomingUpdate => ({
  updateId,
  chatId: 7,
  messageId: updateId,
  text: `text ${updateId}`,
  messageDate: START,
  status: "queued",
  ...changes,
});
const ignored = (updateId: number) => message(updateId, { status: "ignored", text: null });

/** Accepts what a poll answered: the offset sent is the one the inbox gives. */
const accept = (updates: IncomingUpdate[], limit: BacklogLimit | null = null) =>
  acceptBatch(temporary.db, { botId: BOT, offsetSent: deriveOffset(temporary.db, BOT), updates }, limit);
/** A worker that runs: its `process.started`. */
function spawnWorker(instance: string): number {
  const spawned = { instance, revision: "worker:a", image_id: "sha256:a", container_id: "c", pid: 1 };
  logEvent(temporary.db, null, "worker.spawned", spawned);
  return logEvent(temporary.db, null, "process.started", { role: "worker", pid: 1, version: "v", instance });
}
const rows = (columns: string) => temporary.db.prepare(`SELECT ${columns} FROM inbox ORDER BY id`).raw().all();

test("before the first update the offset is 0", () => {
  expect(deriveOffset(temporary.db, BOT)).toBe(0);
});

test("the offset is one beyond the newest update", () => {
  accept([message(500), message(501)]);
  expect(deriveOffset(temporary.db, BOT)).toBe(502);
});

test("ignored rows move the offset too, also when they come last", () => {
  accept([message(500), ignored(501), ignored(502)]);
  expect(deriveOffset(temporary.db, BOT)).toBe(503);
});

test("each bot has an offset of its own", () => {
  accept([message(500)]);
  expect(deriveOffset(temporary.db, BOT + 1)).toBe(0);
});

test("an update that comes twice is kept once, and what became of it stays", () => {
  accept([message(500)]);
  temporary.db.prepare("UPDATE inbox SET status = 'done'").run();
  acceptBatch(temporary.db, { botId: BOT, offsetSent: 500, updates: [message(500), message(501)] }, null);
  expect(rows("update_id, status")).toEqual([
    [500, "done"],
    [501, "queued"],
  ]);
});

test("ids that start anew open a new epoch, so the bot does not go deaf", () => {
  accept([message(900_000)]);
  expect(accept([message(17)])).toBe(1);
  expect(deriveOffset(temporary.db, BOT)).toBe(18);
  expect(accept([message(18)])).toBeNull();
});

test("a batch only partly below the offset is a redelivery, not a new epoch", () => {
  accept([message(500)]);
  expect(
    acceptBatch(temporary.db, { botId: BOT, offsetSent: 501, updates: [message(500), message(501)] }, null),
  ).toBeNull();
  expect(rows("epoch, update_id")).toEqual([
    [0, 500],
    [0, 501],
  ]);
});

test("a batch is stored whole or not at all", () => {
  const broken = { ...message(501), status: "nonsense" as "queued" };
  expect(() => accept([message(500), broken])).toThrow(/CHECK/);
  expect(deriveOffset(temporary.db, BOT)).toBe(0);
});

test("of what waited before the very first start, the newest few within the window are answered", () => {
  const limit = { startedAt: START + 500, windowMs: 600_000, maxMessages: 2 };
  const before = (seconds: number) => ({ messageDate: START - seconds * 1000 });
  accept([message(1, before(601)), message(2, before(600)), message(3, before(30))], limit);
  accept([message(4, before(20)), message(5, { messageDate: START })], limit);
  expect(rows("update_id, status, text")).toEqual([
    [1, "ignored", null],
    [2, "ignored", null],
    [3, "queued", "text 3"],
    [4, "queued", "text 4"],
    [5, "queued", "text 5"],
  ]);
  expect(deriveOffset(temporary.db, BOT)).toBe(6);
});

test("without a limit everything that waited is answered", () => {
  accept([message(1, { messageDate: 0 })]);
  expect(rows("status")).toEqual([["queued"]]);
});

test("a bot's first start is the oldest, whatever other bots did", () => {
  const started = (botId: number) =>
    logEvent(temporary.db, null, "process.started", { role: "worker", pid: 1, version: "v", bot_id: botId });
  expect(firstStartOf(temporary.db, BOT)).toBeNull();
  started(BOT + 1);
  const first = started(BOT);
  started(BOT);
  const timestamp = temporary.db.prepare("SELECT timestamp FROM events WHERE id = ?").pluck().get(first);
  expect(firstStartOf(temporary.db, BOT)).toBe(timestamp);
});

test("what is dropped has ended and keeps no text; what a worker has in hand, or has answered, is not dropped", () => {
  const { db } = temporary;
  accept([1, 2, 3, 4, 5, 6].map((updateId) => message(updateId)));
  const status = (updateId: number, changes: string) =>
    db.exec(`UPDATE inbox SET ${changes} WHERE update_id = ${updateId}`);
  const process = spawnWorker("1.1");
  status(2, "status = 'failed', error = 'timeout'");
  status(3, "status = 'set_aside'");
  status(4, `status = 'in_progress', locked_by = ${process}`);
  status(5, `status = 'replying', locked_by = ${process}`);
  status(6, "status = 'done'");
  expect([1, 2, 3, 4, 5, 6, 7].map((id) => drop(db, id))).toEqual([true, true, true, false, false, false, false]);
  expect(rows("status, text, error").slice(0, 4)).toEqual([
    ["ignored", null, "dropped"],
    ["ignored", null, "dropped"],
    ["ignored", null, "dropped"],
    ["in_progress", "text 4", null],
  ]);
  expect(drop(db, 1)).toBe(false);
});

test("an answer that is dropped before it was delivered is in no history, and the model is not told of it", () => {
  const { db } = temporary;
  accept([1, 2].map((updateId) => message(updateId)));
  for (const inboxId of [1, 2]) {
    remember(db, 7, inboxId, { role: "user", text: `asked ${inboxId}` });
    remember(db, 7, inboxId, { role: "assistant", text: `answered ${inboxId}` });
  }
  db.exec("UPDATE inbox SET status = 'failed', error = 'not_delivered', reply = 'parts' WHERE id = 1");
  expect(drop(db, 1)).toBe(true);
  expect(recentHistory(db, 7, 12).map(({ text }) => text)).toEqual(["asked 2", "answered 2"]);
  expect(rows("text, reply")[0]).toEqual([null, null]);
});

/** Messages 1 … in the hands of the holders given, for so long. */
function inHand(minutes: number, ...holders: number[]) {
  accept(holders.map((_, index) => message(index + 1)));
  const claim = "UPDATE inbox SET status = 'in_progress', locked_by = ?, locked_at = ? WHERE id = ?";
  for (const [index, holder] of holders.entries()) {
    temporary.db.prepare(claim).run(holder, Date.now() - minutes * 60_000, index + 1);
    logEvent(temporary.db, null, "agent.started", {
      chat_id: 7,
      task_id: index + 1,
      update_id: index + 1,
      process_id: holder,
      attempt: 1,
    });
  }
}

test("what the newest worker has in hand is neither retried nor dropped; what any other process has, is", () => {
  const { db } = temporary;
  const older = spawnWorker("1.1");
  const newest = spawnWorker("1.2");
  const neverSpawned = logEvent(db, null, "process.started", {
    role: "worker",
    pid: 1,
    version: "v",
    instance: "check.8",
  });
  const noProcess = logEvent(db, newest, "worker.ready", { poll_ms: 1 });
  inHand(2, older, newest, neverSpawned, noProcess);
  expect([1, 2, 3, 4].map((id) => requeue(db, id))).toEqual([true, false, true, true]);
  expect(rows("status, locked_by")).toEqual([
    ["queued", null],
    ["in_progress", newest],
    ["queued", null],
    ["queued", null],
  ]);
  const ended = "SELECT payload ->> '$.task_id' FROM events WHERE event_type = 'agent.failed' ORDER BY id";
  expect(db.prepare(ended).pluck().all()).toEqual([1, 3, 4]);
  db.prepare("UPDATE inbox SET status = 'in_progress', locked_by = ? WHERE id IN (1, 2)").run(older);
  db.prepare("UPDATE inbox SET locked_by = ?, locked_at = 1 WHERE id = 2").run(newest);
  db.prepare("UPDATE inbox SET locked_at = 1 WHERE id = 1").run();
  expect([1, 2].map((id) => drop(db, id))).toEqual([true, false]);
});

test("a claim that is younger than a minute may be of a worker whose spawn is not in the log yet", () => {
  spawnWorker("1.1");
  const starting = logEvent(temporary.db, null, "process.started", {
    role: "worker",
    pid: 1,
    version: "v",
    instance: "1.2",
  });
  inHand(0.5, starting);
  expect(requeue(temporary.db, 1)).toBe(false);
  expect(drop(temporary.db, 1)).toBe(false);
});

test("what a worker had in hand whose exit is in the log is free at once", () => {
  const ended = spawnWorker("1.1");
  logEvent(temporary.db, null, "worker.exited", fakeExit({ instance: "1.1", process_id: ended }));
  inHand(0, ended);
  expect(requeue(temporary.db, 1)).toBe(true);
});
