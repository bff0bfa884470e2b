import { existsSync, readdirSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../../shared/event-log.ts";
import { createFakeClock, type FakeClock } from "../../shared/fake-clock.ts";
import { acceptBatch } from "../../shared/inbox.ts";
import { silentLogger } from "../../shared/logging.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../shared/temporary-database.ts";
import { createHeartbeat, signsOfClaims, whatStandsStill } from "./health.ts";
import { complete, release, showProgress, type Task } from "./queue/claims.ts";
import { claimNext } from "./queue/temporary-claims.ts";

const NOW = 10_000_000;
const STEP_MS = 120_000;
/** What is allowed on top of each. */
const SLACK_MS = 30_000;
const inOrder = { now: NOW, pollDueAt: NOW + 60_000, claimStillSince: null };

test.each([
  ["a loop that waits, with nothing claimed, is alive", {}, null],
  ["a loop that is a little late is alive", { pollDueAt: NOW - SLACK_MS }, null],
  ["a loop that should long have turned stands still", { pollDueAt: NOW - SLACK_MS - 1 }, "the poll loop"],
  ["a loop that never turned stands still", { pollDueAt: null }, "the poll loop"],
  ["a loop that waits as long as Telegram asked for is alive", { pollDueAt: NOW + 3_600_000 }, null],
  ["a message that waits for a slow model moves", { claimStillSince: NOW - STEP_MS - SLACK_MS }, null],
  ["beyond that it stands still", { claimStillSince: NOW - STEP_MS - SLACK_MS - 1 }, "a message in hand"],
])("%s", (_, seen, expected) => {
  expect(whatStandsStill({ ...inOrder, ...seen }, STEP_MS)).toBe(expected);
});

let temporary: TemporaryDatabase;
let clock: FakeClock;
let worker: number;
let file: string;
beforeEach(() => {
  temporary = temporaryDatabase();
  clock = createFakeClock();
  file = join(temporary.directory, "heartbeat");
  worker = startWorker("1.1");
});
afterEach(() => temporary.remove());

const startWorker = (instance: string) =>
  logEvent(temporary.db, null, "process.started", { role: "worker", pid: 1, version: "v", instance });

let updateId = 500;
/** A message of a chat of its own, claimed, whose row was last touched when the epoch began. */
function claimLongAgo(processId = worker): Task {
  updateId += 1;
  const update = { updateId, chatId: updateId, messageId: 1, text: "t", messageDate: 0, status: "queued" as const };
  acceptBatch(temporary.db, { botId: 42, offsetSent: 0, updates: [update] }, null);
  const task = claimNext(temporary.db, processId);
  if (!task) throw new Error("nothing to claim");
  temporary.db.prepare("UPDATE inbox SET updated_at = 1000 WHERE id = ?").run(task.id);
  return task;
}
const signs = () => signsOfClaims(temporary.db, worker).map(({ sign }) => sign);

test("with nothing claimed, nothing can stand still", () => {
  expect(signs()).toEqual([]);
  const task = claimLongAgo();
  expect(signs()).toHaveLength(1);
  complete(temporary.db, task);
  expect(signs()).toEqual([]);
});

test("an event of the attempt, or a sign of life in a wait, is progress", () => {
  const task = claimLongAgo();
  const first = signs();
  logEvent(temporary.db, task.agentId, "turn.started", { model: "fake", turn: 1 });
  const second = signs();
  showProgress(temporary.db, task);
  expect(new Set([...first, ...second, ...signs()]).size).toBe(3);
});

test("another worker's claims are not ours to move", () => {
  claimLongAgo(startWorker("1.2"));
  expect(signs()).toEqual([]);
});

test("the sign is found through indexes, however long the log", () => {
  const prepared: string[] = [];
  const spy = { prepare: (text: string) => prepared.push(text) && temporary.db.prepare(text) };
  signsOfClaims(spy as unknown as typeof temporary.db, worker);
  const plan = temporary.db.prepare(`EXPLAIN QUERY PLAN ${prepared[0]}`).all(worker) as { detail: string }[];
  const details = plan.map(({ detail }) => detail).join("\n");
  expect(details).toContain("inbox_in_hand");
  expect(details).toContain("attempts_by_task");
  expect(details).toContain("events_by_parent");
});

const heartbeat = () =>
  createHeartbeat({ db: temporary.db, clock, log: silentLogger }, { file, processId: worker, longestStepMs: STEP_MS });
/** Whether a beat touches the file. */
function touches(beat: () => void): boolean {
  utimesSync(file, 1, 1);
  beat();
  return statSync(file).mtimeMs > 1000;
}

test("before the poll loop first turns there is no heartbeat, and with its first turn there is", () => {
  const { beat, pollTurned } = heartbeat();
  beat();
  expect(existsSync(file)).toBe(false);
  pollTurned(60_000);
  expect(existsSync(file)).toBe(true);
});

test("the heartbeat stops with the poll loop, and goes on when it turns again", () => {
  const { beat, pollTurned } = heartbeat();
  pollTurned(60_000);
  clock.advance(60_000);
  expect(touches(beat)).toBe(true);
  clock.advance(60_000);
  expect(touches(beat)).toBe(false);
  pollTurned(60_000);
  expect(touches(beat)).toBe(true);
});

test("the heartbeat stops while a claimed message stands still, however the poll loop turns", () => {
  const { beat, pollTurned } = heartbeat();
  const task = claimLongAgo();
  pollTurned(60_000);
  clock.advance(STEP_MS + SLACK_MS);
  pollTurned(60_000);
  expect(touches(beat)).toBe(true);
  clock.advance(1);
  expect(touches(beat)).toBe(false);
  showProgress(temporary.db, task);
  expect(touches(beat)).toBe(true);
  clock.advance(STEP_MS + SLACK_MS + 1);
  pollTurned(60_000);
  expect(touches(beat)).toBe(false);
  release(temporary.db, task);
  expect(touches(beat)).toBe(true);
});

test("one message that moves does not hide another that stands still", () => {
  const { beat, pollTurned } = heartbeat();
  claimLongAgo();
  const moving = claimLongAgo();
  pollTurned(60_000);
  for (const step of [STEP_MS, SLACK_MS, 1]) {
    clock.advance(step);
    logEvent(temporary.db, moving.agentId, "turn.started", { model: "fake", turn: 1 });
    pollTurned(60_000);
    beat();
  }
  expect(touches(beat)).toBe(false);
});

test("a clock that is set back makes no standstill of a message that moves", () => {
  const { beat, pollTurned } = heartbeat();
  const task = claimLongAgo();
  temporary.db.prepare("UPDATE inbox SET updated_at = ? WHERE id = ?").run(Date.now() + 3_600_000, task.id);
  pollTurned(60_000);
  clock.advance(STEP_MS);
  showProgress(temporary.db, task);
  beat();
  clock.advance(STEP_MS);
  pollTurned(60_000);
  expect(touches(beat)).toBe(true);
});

test("a worker with nothing to do for hours is alive", () => {
  const { beat, pollTurned } = heartbeat();
  pollTurned(60_000);
  release(temporary.db, claimLongAgo());
  beat();
  clock.advance(3_600_000);
  pollTurned(60_000);
  expect(touches(beat)).toBe(true);
});

test("the file is the group's to write, and one that an older worker left is taken over", () => {
  heartbeat().pollTurned(60_000);
  expect(statSync(file).mode & 0o777).toBe(0o664);
  const successor = heartbeat();
  expect(touches(() => successor.pollTurned(60_000))).toBe(true);
  expect(readdirSync(temporary.directory).filter((name) => name.startsWith("heartbeat"))).toEqual(["heartbeat"]);
});
