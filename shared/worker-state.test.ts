import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "./event-log.ts";
import { EventType } from "./event-types.ts";
import { fakeExit } from "./fake-exit.ts";
import { type TemporaryDatabase, temporaryDatabase } from "./temporary-database.ts";
import { instanceOf, outageMs } from "./worker-state.ts";

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
