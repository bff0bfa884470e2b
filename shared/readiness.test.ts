import { expect, test } from "@jest/globals";
import { whyNotReady } from "./readiness.ts";

const ready = {
  supervisorRuns: true,
  halted: null,
  stopped: false,
  onHold: false,
  worker: "ready",
  lastExit: null,
  cutOff: null,
  heartbeatAgeMs: 1000,
} as const;

test("a worker that is ready and gets on answers, on hold as well", () => {
  expect(whyNotReady(ready)).toEqual([]);
  expect(whyNotReady({ ...ready, onHold: true })).toEqual([]);
});

test("where no worker runs, how the last one ended is told, and whose wish keeps the next from starting", () => {
  expect(whyNotReady({ ...ready, worker: "none", lastExit: "configuration", onHold: true })).toEqual([
    "no worker runs; the last one's end: configuration",
    "on hold: none is started until an operator ends it",
  ]);
});

test("a worker without a heartbeat, or with an old one, does not count as ready", () => {
  expect(whyNotReady({ ...ready, heartbeatAgeMs: null })).toEqual(["the worker has no heartbeat"]);
  expect(whyNotReady({ ...ready, heartbeatAgeMs: 61_000 })).toEqual(["the worker's heartbeat has not moved for 61 s"]);
});
