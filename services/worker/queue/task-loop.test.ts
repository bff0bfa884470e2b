import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { systemClock } from "../../../shared/clock.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { acceptBatch } from "../../../shared/inbox.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { complete, release, type Task } from "./claims.ts";
import { createTaskLoop } from "./task-loop.ts";

let temporary: TemporaryDatabase;
let worker: number;
beforeEach(() => {
  temporary = temporaryDatabase();
  worker = logEvent(temporary.db, null, "process.started", { role: "worker", pid: 1, version: "v", instance: "1.1" });
});
afterEach(() => temporary.remove());

let updateId = 500;
function queue(...chatIds: number[]) {
  const updates = chatIds.map((chatId) => {
    updateId += 1;
    return { updateId, chatId, messageId: 1, text: `for ${chatId}`, messageDate: 0, status: "queued" as const };
  });
  acceptBatch(temporary.db, { botId: 42, offsetSent: 0, updates }, null);
}
const statuses = () => temporary.db.prepare("SELECT status FROM inbox ORDER BY id").pluck().all();

/** A loop whose attempts wait to be let go, and tell when they began. */
function loopOf(settings: { concurrency?: number; graceMs?: number } = {}) {
  const { db } = temporary;
  const begun: Task[] = [];
  const waiting: (() => void)[] = [];
  let onBegin = () => {};
  const loop = createTaskLoop(
    {
      db,
      clock: systemClock,
      attempt: async (task, signal) => {
        begun.push(task);
        onBegin();
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          signal.addEventListener("abort", () => resolve());
        });
        if (signal.aborted) release(db, task);
        else complete(db, task);
      },
    },
    { processId: worker, concurrency: 16, graceMs: 60_000, ...settings },
  );
  const begunCount = (count: number) =>
    new Promise<void>((resolve) => {
      onBegin = () => begun.length >= count && resolve();
      onBegin();
    });
  return { loop, begun, begunCount, letOneGo: () => waiting.shift()?.() };
}

test("many chats are worked on at once, as many as there is room for", async () => {
  queue(1, 2, 3);
  const stop = new AbortController();
  const { loop, begun, begunCount, letOneGo } = loopOf({ concurrency: 2, graceMs: 0 });
  const running = loop.run(stop.signal);
  await begunCount(2);
  expect(begun.map(({ chatId }) => chatId)).toEqual([1, 2]);
  letOneGo();
  await begunCount(3);
  expect(begun.map(({ chatId }) => chatId)).toEqual([1, 2, 3]);
  stop.abort();
  await running;
});

test("asked to stop, it takes no new work and finishes what it has", async () => {
  queue(1);
  const stop = new AbortController();
  const { loop, begunCount, letOneGo } = loopOf();
  const running = loop.run(stop.signal);
  await begunCount(1);
  stop.abort();
  queue(2);
  loop.wake();
  letOneGo();
  await running;
  expect(statuses()).toEqual(["done", "queued"]);
});

test("what does not finish within the grace is given back", async () => {
  queue(1);
  const stop = new AbortController();
  const { loop, begunCount } = loopOf({ graceMs: 0 });
  const running = loop.run(stop.signal);
  await begunCount(1);
  stop.abort();
  await running;
  expect(statuses()).toEqual(["queued"]);
});

test("woken, it sees what came in", async () => {
  const stop = new AbortController();
  const { loop, begunCount, letOneGo } = loopOf();
  const running = loop.run(stop.signal);
  queue(1);
  loop.wake();
  await begunCount(1);
  letOneGo();
  stop.abort();
  await running;
  expect(statuses()).toEqual(["done"]);
});

test("a message that is stopped is aborted at once, and the others go on", async () => {
  queue(1, 2);
  const stop = new AbortController();
  const { loop, begun, begunCount, letOneGo } = loopOf();
  const running = loop.run(stop.signal);
  await begunCount(2);
  temporary.db
    .prepare("UPDATE inbox SET status = 'failed', error = 'stopped', locked_by = NULL WHERE chat_id = 1")
    .run();
  const [{ id = 0, agentId = 0 } = {}] = begun;
  logEvent(temporary.db, agentId, "agent.failed", { task_id: id, error: "stopped", error_class: "stopped" });
  loop.abort(id);
  queue(1);
  loop.wake();
  await begunCount(3);
  expect(statuses()).toEqual(["failed", "in_progress", "in_progress"]);
  for (let left = 3; left > 0; left -= 1) letOneGo();
  stop.abort();
  await running;
});

test("a message that was stopped is not begun again before its attempt has let go, however soon it is asked for", async () => {
  queue(1);
  const stop = new AbortController();
  const lettingGo = Promise.withResolvers<void>();
  const begun: Task[] = [];
  const begunTwice = Promise.withResolvers<void>();
  const attempt = async (task: Task) => {
    begun.push(task);
    if (begun.length === 2) begunTwice.resolve();
    else await lettingGo.promise;
  };
  const settings = { processId: worker, concurrency: 16, graceMs: 0 };
  const loop = createTaskLoop({ db: temporary.db, clock: systemClock, attempt }, settings);
  const running = loop.run(stop.signal);
  while (begun.length === 0) await new Promise((resolve) => setImmediate(resolve));
  temporary.db.prepare("UPDATE inbox SET status = 'queued', locked_by = NULL").run();
  queue(2);
  loop.wake();
  await begunTwice.promise;
  expect(begun.map(({ chatId }) => chatId)).toEqual([1, 2]);
  lettingGo.resolve();
  while (begun.length < 3) await new Promise((resolve) => setImmediate(resolve));
  expect(begun[2]?.chatId).toBe(1);
  stop.abort();
  await running;
});

test("a command does not wait for a message, whatever room the messages have left", async () => {
  queue(1);
  const stop = new AbortController();
  const { loop, begun, begunCount } = loopOf({ concurrency: 1, graceMs: 0 });
  const running = loop.run(stop.signal);
  await begunCount(1);
  queue(1);
  temporary.db.prepare("UPDATE inbox SET kind = 'command' WHERE status = 'queued'").run();
  loop.wake();
  await begunCount(2);
  expect(begun.map(({ kind }) => kind)).toEqual(["message", "command"]);
  stop.abort();
  await running;
});

test("an attempt that throws is a bug and ends the loop", async () => {
  queue(1);
  const loop = createTaskLoop(
    { db: temporary.db, clock: systemClock, attempt: async () => Promise.reject(new Error("a bug")) },
    { processId: worker, concurrency: 1, graceMs: 0 },
  );
  await expect(loop.run(new AbortController().signal)).rejects.toThrow("a bug");
});
