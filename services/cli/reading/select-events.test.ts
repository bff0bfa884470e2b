import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { isOfType, newestEventIds } from "./select-events.ts";

let temporary: TemporaryDatabase;
beforeEach(() => {
  temporary = temporaryDatabase();
  const { db } = temporary;
  logEvent(db, null, EventType.ProcessStarted, { role: "supervisor", pid: 1, version: "v" }); // 1
  logEvent(db, 1, EventType.WorkerStopping, { instance: "1.1", cause: "asked", reason: "deploy" }); // 2
  logEvent(db, 1, EventType.WorkerReady, { poll_ms: 1 }); // 3
  logEvent(db, 1, EventType.RestartScheduled, { delay_ms: 0, attempt: 1 }); // 4
  logEvent(db, 1, EventType.WorkerStopping, { instance: "1.2", cause: "asked", reason: "deploy" }); // 5
});
afterEach(() => temporary.remove());

const idsOf = (type: string | null, after = 0, limit: number | null = null) =>
  newestEventIds(temporary.db, { type, after }, limit);

test("without a filter the newest come, oldest first", () => {
  expect(idsOf(null)).toEqual([1, 2, 3, 4, 5]);
  expect(idsOf(null, 0, 2)).toEqual([4, 5]);
  expect(idsOf(null, 3)).toEqual([4, 5]);
  expect(idsOf(null, 0, 0)).toEqual([]);
});

test("a type is exact, or a beginning up to a dot", () => {
  expect(idsOf("worker.stopping")).toEqual([2, 5]);
  expect(idsOf("worker.")).toEqual([2, 3, 5]);
  expect(idsOf("worker")).toEqual([2, 3, 5]);
  expect(idsOf("work")).toEqual([]);
});

test("the limit counts over all the types that match", () => {
  expect(idsOf("worker.", 0, 2)).toEqual([3, 5]);
  expect(idsOf("worker.", 2, 5)).toEqual([3, 5]);
});

test("types that only another version writes are found", () => {
  temporary.db.exec("INSERT INTO events (event_type) VALUES ('worker.dreamt')");
  expect(idsOf("worker.", 3)).toEqual([5, 6]);
});

test("what follows is filtered as what was listed", () => {
  const types = ["worker.ready", "worker.exited", "workers.met", "process.started"];
  expect(types.filter((type) => isOfType(type, { type: "worker.", after: 0 }))).toEqual([
    "worker.ready",
    "worker.exited",
  ]);
});
