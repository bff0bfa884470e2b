import { expect, test } from "@jest/globals";
import { decide } from "./decide.ts";
import {
  b,
  calm,
  candidate,
  ended,
  exitOf,
  gone,
  NOW,
  rollbackRequest,
  running,
  STARTED_AT,
  worker,
} from "./fake-observation.ts";
import { policy } from "./fake-system.ts";
import type { Observation } from "./observation.ts";
import type { Step } from "./step.ts";
import type { ContainerState } from "./worker-runtime.ts";

/** What comes first: the log is made to say what the engine shows, and we leave when we are asked to. */

type Row = readonly [sentence: string, seen: Observation, step: Step];

function inState(state: ContainerState) {
  return { ...running, state };
}

const created = { kind: "created", error: null } as const;
const unstartable = { kind: "created", error: "exec: no such file" } as const;
const exited = inState(ended);
const wait: Step = { kind: "wait", until: null };

/** Its exit is in the log, and its container is still there: the first failure in a row. */
const crashedOnce = { ...gone(calm, exitOf("crash", { startedAt: STARTED_AT, readySeconds: 200 })), container: exited };
const removed: Step = { kind: "remove", containerId: "container-1", why: "it has exited" };

const strays: Row[] = [
  [
    "a second worker is removed before anything else is looked at",
    { ...calm, strays: ["copy-1", "copy-2"], container: null, leaving: true },
    { kind: "remove", containerId: "copy-1", why: "it is a second worker" },
  ],
];

const log: Row[] = [
  ["while all is well nothing is done", calm, wait],
  [
    "a worker that ended is recorded, with what is left of it",
    { ...calm, container: exited },
    { kind: "record exit", worker, container: exited },
  ],
  [
    "a worker whose container is gone is recorded without it",
    { ...calm, container: null },
    { kind: "record exit", worker, container: null },
  ],
  [
    "of a worker whose container is another's by now, its end is recorded first, and nothing of the other is taken for it",
    { ...calm, container: { ...running, id: "container-2" } },
    { kind: "record exit", worker, container: null },
  ],
  [
    "an exit is recorded before we leave",
    { ...calm, container: exited, leaving: true },
    { kind: "record exit", worker, container: exited },
  ],
  ["a worker that is paused has not ended", { ...calm, container: inState({ kind: "paused" }) }, wait],
  [
    "with no worker ever and no container there is nothing to record",
    { ...calm, worker: null, container: null, onHold: true },
    wait,
  ],
  [
    "a running container that the log does not know is a worker from now on",
    { ...calm, worker: null },
    { kind: "record spawn", container: running },
  ],
  [
    "so is one that follows a worker that has ended",
    { ...calm, worker: { ...worker, containerId: "container-0", exited: true } },
    { kind: "record spawn", container: running },
  ],
  [
    "one that has ended by now gets its start into the log first",
    { ...calm, worker: null, container: exited },
    { kind: "record spawn", container: exited },
  ],
  [
    "a container that was created and never started is removed, not started",
    { ...calm, worker: null, container: inState(created) },
    { kind: "remove", containerId: "container-1", why: "it was created and never started" },
  ],
  [
    "a container that the engine could not start is a failed start, and says why",
    { ...calm, worker: null, container: inState(unstartable) },
    { kind: "record failed start", container: inState(unstartable), error: "exec: no such file" },
  ],
  [
    "a worker that runs again in its container, by whomever, is a further one",
    { ...crashedOnce, container: running },
    { kind: "record spawn", container: running },
  ],
  [
    "also when it is paused",
    { ...crashedOnce, container: inState({ kind: "paused" }) },
    { kind: "record spawn", container: inState({ kind: "paused" }) },
  ],
  [
    "also when the log does not say when its last run began",
    { ...crashedOnce, container: running, lastExit: exitOf("crash") },
    { kind: "record spawn", container: running },
  ],
  [
    "a run that began and ended unseen is recorded as well",
    { ...crashedOnce, lastExit: exitOf("crash", { startedAt: STARTED_AT - 1 }) },
    { kind: "record spawn", container: exited },
  ],
  [
    "an exit that does not say when its run began is taken for the last one",
    { ...crashedOnce, lastExit: exitOf("removed", { startedAt: null }) },
    removed,
  ],
  ["a container without an exit in the log has had no further run", { ...crashedOnce, lastExit: null }, removed],
  [
    "a container that is only created has not run again",
    { ...crashedOnce, container: inState(created), lastExit: null },
    removed,
  ],
];

const inPlace: Row[] = [
  [
    "after a first crash the same container is started again",
    crashedOnce,
    { kind: "start again", containerId: "container-1" },
  ],
  [
    "also when the memory ran out",
    { ...crashedOnce, lastExit: exitOf("out of memory", { startedAt: STARTED_AT }) },
    { kind: "start again", containerId: "container-1" },
  ],
  [
    "but not after an end that was no crash",
    { ...crashedOnce, lastExit: exitOf("hang", { startedAt: STARTED_AT }) },
    removed,
  ],
  ["but not when there is a delay to wait for", { ...crashedOnce, exits: [exitOf("crash"), exitOf("crash")] }, removed],
  ["but not when an operator stopped it", { ...crashedOnce, stopped: true }, removed],
  ["but not on hold", { ...crashedOnce, onHold: true }, removed],
  [
    "but not in a halt, which probes slowly",
    { ...crashedOnce, halted: true, worker: { ...worker, exited: true, supervisorId: 0 } },
    removed,
  ],
  [
    "but not when another image is wanted",
    { ...crashedOnce, wanted: { ...b, eventId: 13, at: NOW, by: "deploy", requestId: 9, freeBytes: null } },
    removed,
  ],
  ["but not when nothing is wanted", { ...crashedOnce, wanted: null }, removed],
  ["but not when its settings changed", { ...crashedOnce, container: { ...exited, upToDate: false } }, removed],
  [
    "but not when its environment names another supervisor",
    { ...crashedOnce, container: { ...exited, supervisorId: 0 } },
    removed,
  ],
];

const stopAsked: Step = { kind: "stop worker", worker, cause: "asked", why: "the supervisor was asked to stop" };

const leaving: Row[] = [
  ["asked to leave, it stops its worker", { ...calm, leaving: true }, stopAsked],
  ["a paused worker, too", { ...calm, leaving: true, container: inState({ kind: "paused" }) }, stopAsked],
  ["when no worker runs it leaves", { ...gone(calm, exitOf("asked")), leaving: true }, { kind: "leave" }],
  [
    "on leaving, the ended worker's container stays: compose has listed it, and fails over one that is gone",
    { ...crashedOnce, exits: [exitOf("asked")], lastExit: exitOf("asked"), leaving: true },
    { kind: "leave" },
  ],
  [
    "who leaves answers no wish any more",
    { ...gone(calm), leaving: true, rollbackRequest, configured: b, deploy: candidate, held: new Set() },
    { kind: "leave" },
  ],
];

test.each([...strays, ...log, ...inPlace, ...leaving])("%s", (_, seen, step) => {
  expect(decide(seen, policy)).toEqual(step);
});

test("asked to leave its worker, it goes and the worker runs on", () => {
  expect(decide({ ...calm, leaving: true }, { ...policy, onStop: "leave" })).toEqual({ kind: "leave" });
});
