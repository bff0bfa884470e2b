import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "./event-log.ts";
import { EventType } from "./event-types.ts";
import { fakeExit } from "./fake-exit.ts";
import type { Accepted } from "./state.ts";
import { type TemporaryDatabase, temporaryDatabase } from "./temporary-database.ts";
import {
  exitsSince,
  instanceOf,
  newestExit,
  newestSupervisor,
  newestWorker,
  outageMs,
  outageOf,
} from "./worker-state.ts";

const START = Date.UTC(2030, 0, 1);

let temporary: TemporaryDatabase;
let now: number;
beforeEach(() => {
  temporary = temporaryDatabase();
  now = START;
  temporary.db.function("unixepoch", (_subsec) => now / 1000); // events are dated by it
});
afterEach(() => temporary.remove());

const exit = (instance: string) => logEvent(temporary.db, null, EventType.WorkerExited, fakeExit({ instance }));
const start = () =>
  logEvent(temporary.db, null, EventType.ProcessStarted, { role: "worker", pid: 1, version: "v", instance: "1.1" });
const lose = (process: number) =>
  logEvent(temporary.db, process, EventType.UpstreamUnavailable, { upstream: "telegram", reason: "ECONNREFUSED" });
const regain = (process: number) =>
  logEvent(temporary.db, process, EventType.UpstreamAvailable, { upstream: "telegram", outage_ms: 1 });

test("each run in one container is an instance of its own, however often it is started again", () => {
  expect(instanceOf(temporary.db, "1.2")).toBe("1.2");
  const first = exit("1.2");
  expect(instanceOf(temporary.db, "1.2")).toBe(`1.2/${first}`);
  const second = exit(`1.2/${first}`);
  expect(instanceOf(temporary.db, "1.2")).toBe(`1.2/${second}`);
});

test("the exit of another container's worker says nothing about this one", () => {
  exit("1.2");
  expect(instanceOf(temporary.db, "1.20")).toBe("1.20");
  expect(instanceOf(temporary.db, "1.3")).toBe("1.3");
});

test("the outages of one process are added up, with the one that goes on", () => {
  const [process, other] = [start(), start()];
  lose(process);
  lose(other);
  now += 5000;
  regain(process);
  now += 60_000;
  lose(process);
  expect(outageMs(temporary.db, process, now + 2000)).toBe(7000);
});

test("an outage that a clock set back lets end before it began counts as none, and takes nothing from others", () => {
  const process = start();
  lose(process);
  now += 5000;
  regain(process);
  lose(process);
  now -= 3_600_000;
  regain(process);
  expect(outageMs(temporary.db, process, now)).toBe(5000);
});

const begin = (instance: string | null, parent: number | null = null) =>
  logEvent(temporary.db, parent, EventType.ProcessStarted, {
    ...{ role: instance === null ? "supervisor" : "worker", pid: 7, version: "v" },
    ...(instance !== null && { instance }),
  });
const spawn = (instance: string, parent: number | null = null) =>
  logEvent(temporary.db, parent, EventType.WorkerSpawned, {
    ...{ pid: 1, instance, container_id: "c", revision: "worker:a", image_id: "sha256:a" },
  });
const beReady = (process: number) => logEvent(temporary.db, process, EventType.WorkerReady, { poll_ms: 1 });
const stop = (instance: string) =>
  logEvent(temporary.db, null, EventType.WorkerStopping, { instance, cause: "hang", reason: "r" });

test("the newest worker is as its newest spawn says, and nothing is known of it yet", () => {
  expect(newestWorker(temporary.db)).toBeNull();
  const supervisor = begin(null);
  const eventId = spawn("1.2", supervisor);
  expect(newestWorker(temporary.db)).toEqual({
    ...{ eventId, at: START, supervisorId: supervisor, instance: "1.2", containerId: "c" },
    ...{ revision: "worker:a", imageId: "sha256:a" },
    ...{ processId: null, readyAt: null, stopping: null, exited: false },
  });
});

test("a worker is ready when it said so under its own start, not when another did", () => {
  spawn("1.1");
  const before = begin("1.1");
  beReady(before);
  spawn("1.2");
  expect(newestWorker(temporary.db)).toMatchObject({ processId: null, readyAt: null });
  const process = begin("1.2");
  expect(newestWorker(temporary.db)).toMatchObject({ processId: process, readyAt: null });
  now += 5000;
  beReady(process);
  expect(newestWorker(temporary.db)).toMatchObject({ readyAt: START + 5000 });
});

test("what was said of the worker before it is not said of the newest", () => {
  spawn("1.1");
  stop("1.1");
  exit("1.1");
  expect(newestWorker(temporary.db)).toMatchObject({ stopping: "hang", exited: true });
  spawn("1.2");
  expect(newestWorker(temporary.db)).toMatchObject({ stopping: null, exited: false });
});

test("the newest supervisor hangs under nothing", () => {
  expect(newestSupervisor(temporary.db)).toBeNull();
  const supervisor = begin(null);
  begin("1.1", supervisor);
  expect(newestSupervisor(temporary.db)).toEqual({ eventId: supervisor, pid: 7, version: "v" });
});

test("the newest exit has its times, and null for a beginning that nobody knows", () => {
  expect(newestExit(temporary.db)).toBeNull();
  exit("1.1");
  expect(newestExit(temporary.db)).toMatchObject({ instance: "1.1", at: START, startedAt: null, finishedAt: null });
  const eventId = logEvent(temporary.db, null, EventType.WorkerExited, {
    ...fakeExit({ instance: "1.2", class: "hang", ready_seconds: 3, started_at: START, uptime_seconds: 9 }),
  });
  expect(newestExit(temporary.db)).toEqual({
    ...{ eventId, at: START, instance: "1.2", imageId: "sha256:a", class: "hang", readySeconds: 3 },
    ...{ startedAt: START, finishedAt: START + 9000 },
  });
});

test("the exits of a revision are those of its image since it was accepted, newest first", () => {
  exit("1.1");
  const eventId = logEvent(temporary.db, null, EventType.ChatPaused, { chat_id: 1 });
  exit("1.2");
  logEvent(temporary.db, null, EventType.WorkerExited, fakeExit({ instance: "1.3", image_id: "sha256:b" }));
  exit("1.4");
  const accepted = { eventId, imageId: "sha256:a" } as Accepted;
  expect(exitsSince(temporary.db, accepted, 10).map(({ instance }) => instance)).toEqual(["1.4", "1.2"]);
  expect(exitsSince(temporary.db, accepted, 1).map(({ instance }) => instance)).toEqual(["1.4"]);
});

test("an outage is the process's own, and lasts until the upstream is back", () => {
  const [process, other] = [start(), start()];
  expect(outageOf(temporary.db, process)).toBeNull();
  lose(process);
  expect(outageOf(temporary.db, process)).toEqual({
    ...{ upstream: "telegram", reason: "ECONNREFUSED", since: new Date(START) },
  });
  expect(outageOf(temporary.db, other)).toBeNull();
  regain(process);
  expect(outageOf(temporary.db, process)).toBeNull();
  lose(process);
  expect(outageOf(temporary.db, process)).not.toBeNull();
});
