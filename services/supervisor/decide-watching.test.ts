import { expect, test } from "@jest/globals";
import { CHECK_TIMEOUT_MS } from "./candidate.ts";
import { decide } from "./decide.ts";
import {
  a,
  b,
  calm,
  candidate,
  check,
  exitOf,
  NOW,
  probation,
  running,
  starting,
  wanted,
  worker,
} from "./fake-observation.ts";
import { policy } from "./fake-system.ts";
import type { Observation } from "./observation.ts";
import type { Step, StopCause } from "./step.ts";

/** A worker is up: whether it goes on, and when it is looked at next. */

type Row = readonly [sentence: string, seen: Observation, step: Step];

const MINUTE_MS = 60_000;
const LONGEST_FREEZE_MS = 15 * MINUTE_MS;

const wait = (until: number | null = null): Step => ({ kind: "wait", until });

function stop({ worker }: Observation, cause: StopCause, why: string): Step {
  if (!worker) throw new Error("there is no worker to stop");
  return { kind: "stop worker", worker, cause, why };
}

/** What was seen, of a worker that started so long ago and is not ready. */
function startedAgo(ms: number, seen: Observation = starting): Observation {
  return { ...seen, worker: { ...worker, at: NOW - ms, readyAt: null } };
}

/** What was seen, of a worker in its probation that has been ready for so long. */
function readyAgo(ms: number, different: Partial<Observation> = {}): Observation {
  return { ...probation, worker: { ...worker, ...b, readyAt: NOW - ms }, ...different };
}

const stopping = { ...calm, worker: { ...worker, stopping: "hang" } } as const;
const paused = { ...running, state: { kind: "paused" } } as const;
const other = { ...calm, wanted: { ...wanted, ...b }, present: new Set([a.imageId]) };
const outdated = { ...calm, container: { ...running, upToDate: false } };
const rollback = { eventId: 14, target: a, from: b.revision, reason: "crash before it was ready", requestId: null };

const differences: Row[] = [
  [
    "a stop that was begun is finished, for the same cause",
    stopping,
    stop(stopping, "hang", "whoever began to stop it did not finish"),
  ],
  [
    "a stop that was begun is finished before its image is looked at",
    { ...stopping, wanted: other.wanted },
    stop(stopping, "hang", "whoever began to stop it did not finish"),
  ],
  ["a worker of another image than the wanted one is stopped", other, stop(calm, "asked", "deploy to worker:b")],
  [
    "a rollback says so",
    { ...other, wanted: { ...other.wanted, by: "rollback" } },
    stop(calm, "asked", "rollback to worker:b"),
  ],
  ["a worker whose settings changed is stopped", outdated, stop(calm, "asked", "its settings changed")],
  [
    "a paused worker of another image is stopped all the same",
    { ...other, container: paused },
    stop(calm, "asked", "deploy to worker:b"),
  ],
  [
    "a paused worker whose settings changed, too",
    { ...outdated, container: { ...paused, upToDate: false } },
    stop(calm, "asked", "its settings changed"),
  ],
  [
    "a paused worker is neither late nor hung",
    { ...startedAgo(10 * policy.readyTimeoutMs), container: paused, heartbeatStaleMs: 10 * policy.hangMs },
    wait(),
  ],
  ["a paused worker earns no promotion", readyAgo(10 * policy.probationMs, { container: { ...paused, ...b } }), wait()],
];

const notReady = "it was not ready within 60 s";
const late = startedAgo(policy.readyTimeoutMs);
const lateForLong = startedAgo(policy.readyTimeoutMs + LONGEST_FREEZE_MS);

const readiness: Row[] = [
  ["a worker is waited for until it has to be ready", startedAgo(policy.readyTimeoutMs - 1), wait(NOW + 1)],
  ["a worker that is not ready in time is stopped", late, stop(late, "never ready", notReady)],
  ["an outage of its upstream gives it so much longer", { ...late, outageMs: 1 }, wait(NOW + 1)],
  [
    "and no longer",
    { ...startedAgo(policy.readyTimeoutMs + 1), outageMs: 1 },
    stop(startedAgo(policy.readyTimeoutMs + 1), "never ready", notReady),
  ],
  [
    "but fifteen minutes at most",
    { ...lateForLong, outageMs: LONGEST_FREEZE_MS + 1 },
    stop(lateForLong, "never ready", notReady),
  ],
  [
    "fifteen minutes in full",
    { ...startedAgo(policy.readyTimeoutMs + LONGEST_FREEZE_MS - 1), outageMs: LONGEST_FREEZE_MS },
    wait(NOW + 1),
  ],
  [
    "a promoted revision has to be ready in time as well",
    startedAgo(policy.readyTimeoutMs, calm),
    stop(late, "never ready", notReady),
  ],
  [
    "a worker that is not ready yet has no heartbeat to miss",
    { ...startedAgo(1000), heartbeatStaleMs: policy.hangMs },
    wait(NOW - 1000 + policy.readyTimeoutMs),
  ],
  [
    "a rollback is not settled before its target is ready",
    { ...startedAgo(1000), rollback },
    wait(NOW - 1000 + policy.readyTimeoutMs),
  ],
];

const hung = (ms: number, eventId: number) => exitOf("hang", { eventId, at: NOW - ms, readySeconds: 100 });
/** Promoted, it hung twice, and runs again since so long. */
function hungTwice(readyMs: number, different: Partial<Observation> = {}): Observation {
  const again = { ...worker, readyAt: NOW - readyMs };
  return { ...calm, worker: again, exits: [hung(MINUTE_MS, 21), hung(2 * MINUTE_MS, 20)], ...different };
}

const progress: Row[] = [
  [
    "a promoted revision that hung twice is judged when the worker after it has been at work for a moment",
    hungTwice(4999),
    wait(NOW + 1),
  ],
  ["then it is stopped for that", hungTwice(5000), stop(hungTwice(5000), "asked", "it hung twice within an hour")],
  [
    "unless one message was to blame, as that worker says",
    hungTwice(5000, { setAside: [{ exits: [20, 21], at: NOW - 1000 }] }),
    wait(),
  ],
  [
    "a heartbeat may stand still for a while, and is looked at when that is over",
    { ...calm, heartbeatStaleMs: policy.hangMs - 1 },
    wait(NOW + 1),
  ],
  [
    "a heartbeat that stands still for too long is a hang",
    { ...calm, heartbeatStaleMs: policy.hangMs },
    stop(calm, "hang", "its heartbeat did not move for 60 s"),
  ],
  [
    "a hang says for how long, in whole seconds",
    { ...calm, heartbeatStaleMs: policy.hangMs + 1600 },
    stop(calm, "hang", "its heartbeat did not move for 62 s"),
  ],
  [
    "an outage of its upstream does not excuse a hang",
    { ...calm, heartbeatStaleMs: policy.hangMs, outageMs: LONGEST_FREEZE_MS },
    stop(calm, "hang", "its heartbeat did not move for 60 s"),
  ],
  [
    "a rollback's target that hangs has not helped",
    { ...calm, heartbeatStaleMs: policy.hangMs, rollback },
    stop(calm, "hang", "its heartbeat did not move for 60 s"),
  ],
  [
    "in its probation a revision that hangs is not promoted",
    readyAgo(policy.probationMs, { heartbeatStaleMs: policy.hangMs }),
    stop(readyAgo(policy.probationMs), "hang", "its heartbeat did not move for 60 s"),
  ],
];

const promoted = (ms: number): Step => {
  const { worker } = readyAgo(ms);
  if (!worker) throw new Error("there is no worker to promote");
  return { kind: "promote", worker, readySeconds: ms / 1000 };
};

const promotion: Row[] = [
  [
    "a rollback has helped as soon as its target is ready, before its probation ends",
    readyAgo(1, { rollback }),
    { kind: "settle rollback", rollback },
  ],
  ["a probation is waited for", readyAgo(policy.probationMs - 1), wait(NOW + 1)],
  ["who was ready for the whole probation is promoted", readyAgo(policy.probationMs), promoted(policy.probationMs)],
  ["an outage of its upstream proves nothing", readyAgo(policy.probationMs, { outageMs: 1 }), wait(NOW + 1)],
  [
    "who was ready for the probation and the outage is promoted",
    readyAgo(policy.probationMs + 1, { outageMs: 1 }),
    promoted(policy.probationMs + 1),
  ],
  [
    "after fifteen minutes of outages the rest counts",
    readyAgo(policy.probationMs + LONGEST_FREEZE_MS, { outageMs: LONGEST_FREEZE_MS + 1 }),
    promoted(policy.probationMs + LONGEST_FREEZE_MS),
  ],
  ["what was promoted is not promoted again", { ...readyAgo(policy.probationMs), promoted: true }, wait()],
];

const checking = { ...calm, check, deploy: candidate };
const checkDue = check.createdAt + CHECK_TIMEOUT_MS;

const deadlines: Row[] = [
  ["on hold not even a hang is acted on", { ...calm, onHold: true, heartbeatStaleMs: policy.hangMs }, wait()],
  ["on hold no other image is brought up", { ...other, onHold: true }, wait()],
  ["on hold a check still has its deadline", { ...checking, onHold: true }, wait(checkDue)],
  ["while a check runs, its deadline is the next look", checking, wait(checkDue)],
  [
    "a probation that ends before the check's deadline is the next look",
    {
      ...readyAgo(policy.probationMs - 1),
      check: { ...check, imageId: a.imageId },
      deploy: { ...candidate, image: a },
    },
    wait(NOW + 1),
  ],
  [
    "a check whose deadline comes before the probation's end is the next look",
    { ...readyAgo(1), check: { ...check, imageId: a.imageId }, deploy: { ...candidate, image: a } },
    wait(checkDue),
  ],
  [
    "a check does not keep a hung worker up",
    { ...checking, heartbeatStaleMs: policy.hangMs },
    stop(calm, "hang", "its heartbeat did not move for 60 s"),
  ],
];

test.each([...differences, ...readiness, ...progress, ...promotion, ...deadlines])("%s", (_, seen, step) => {
  expect(decide(seen, policy)).toEqual(step);
});
