import { expect, test } from "@jest/globals";
import type { Exit } from "../../shared/worker-state.ts";
import { restartDelayMs } from "./crash-loop.ts";
import { decide } from "./decide.ts";
import {
  a,
  b,
  calm,
  candidate,
  check,
  exitOf,
  gone,
  NOW,
  probation,
  starting,
  wanted,
  worker,
} from "./fake-observation.ts";
import { policy } from "./fake-system.ts";
import type { Observation } from "./observation.ts";
import type { Step } from "./step.ts";

/** No worker runs: when it is started again, and when its revision is given up. */

type Row = readonly [sentence: string, seen: Observation, step: Step];

const start: Step = { kind: "start", revision: wanted };
const startB: Step = { kind: "start", revision: { ...wanted, ...b } };
const crash = exitOf("crash", { readySeconds: 10 });
const taken =
  "the name lastgood-worker-1 is taken by a container that is not ours: remove or rename it, the worker has that name";
const notHere = "the configured worker image is not here yet: build or load it";

const starts: Row[] = [
  [
    "with no image there is nothing to run",
    { ...calm, container: null, worker: null, wanted: null },
    { kind: "wait", until: null, why: notHere },
  ],
  ["what is wanted is started", { ...calm, container: null, worker: null }, start],
  ["a worker that somebody removed is started again at once", gone(calm, exitOf("removed")), start],
  [
    "so is one that an engine's restart ended, however often",
    gone(calm, ...Array(5).fill(exitOf("host went away"))),
    start,
  ],
  ["on hold nothing is started", { ...gone(calm, crash), onHold: true }, { kind: "wait", until: null }],
  [
    "a name that is taken by a foreign container is waited for, and said",
    { ...gone(calm), nameTaken: "lastgood-worker-1" },
    {
      kind: "wait",
      until: NOW + 1000,
      why: taken,
    },
  ],
  [
    "a check that is due before a taken name is looked at again is the next look",
    { ...gone(calm), nameTaken: "lastgood-worker-1", check: { ...check, createdAt: NOW - 59_500 }, deploy: candidate },
    { kind: "wait", until: NOW + 500, why: taken },
  ],
];

const twoCrashes = [{ ...crash, at: NOW - 500 }, crash];
const delayMs = restartDelayMs(twoCrashes, policy);
/** Two failures in a row, the newest so long ago. */
function failedAgo(ms: number, different: Partial<Observation> = {}): Observation {
  return { ...gone(calm, { ...crash, at: NOW - ms }, crash), ...different };
}

const delays: Row[] = [
  ["a clock that was set back does not delay a start at once", gone(calm, exitOf("removed", { at: NOW + 1 })), start],
  ["after a first failure it is started at once", gone(calm, { ...crash, at: NOW }), start],
  [
    "before a second restart there is a delay, and it is announced",
    failedAgo(500),
    { kind: "schedule restart", delayMs, attempt: 2 },
  ],
  [
    "which is announced once, and waited for",
    failedAgo(500, { restartScheduled: true }),
    { kind: "wait", until: NOW - 500 + delayMs },
  ],
  ["to its last millisecond", failedAgo(delayMs - 1, { restartScheduled: true }), { kind: "wait", until: NOW + 1 }],
  ["when it is over, it is started", failedAgo(delayMs, { restartScheduled: true }), start],
  ["a delay that is over when we look needs no announcement", failedAgo(delayMs), start],
  [
    "a check that is due during the delay is the next look",
    failedAgo(0, { restartScheduled: true, check: { ...check, createdAt: NOW - 59_999 }, deploy: candidate }),
    { kind: "wait", until: NOW + 1 },
  ],
];

const inProbation = (...exits: readonly Exit[]) => gone(probation, ...exits.map((exit) => ({ ...exit, ...b })));
const early = exitOf("crash");
const diedEarly = { kind: "failed probation", reason: "crash before it was ready" } as const;
const twice = { kind: "failed probation", reason: "a second exit in its probation: crash" } as const;
const loop = { kind: "crash loop", reason: "3 exits in a row, each less than 60 s after it was ready" } as const;
const hung = { kind: "hangs", reason: "it hung twice within an hour" } as const;
const wantedB = { ...wanted, ...b };
const helped = { imageId: b.imageId, failure: null };
const hang = exitOf("hang", { readySeconds: 1000 });

const verdicts: Row[] = [
  [
    "a deploy that dies before it was ready goes back",
    inProbation(early),
    { kind: "go back", wanted: wantedB, verdict: diedEarly, to: a },
  ],
  ["a deploy that dies once after it was ready is tried again", inProbation(crash), startB],
  [
    "one that dies twice goes back",
    inProbation(crash, crash),
    { kind: "go back", wanted: wantedB, verdict: twice, to: a },
  ],
  [
    "it goes back also while the delay runs",
    { ...inProbation(crash, crash), restartScheduled: true },
    { kind: "go back", wanted: wantedB, verdict: twice, to: a },
  ],
  ["on hold nothing is given up", { ...inProbation(early), onHold: true }, { kind: "wait", until: null }],
  ["a promoted revision that dies early is tried again", { ...inProbation(early), promoted: true }, startB],
  [
    "a promoted revision in a crash loop goes back",
    { ...inProbation(crash, crash, crash), promoted: true },
    { kind: "go back", wanted: wantedB, verdict: loop, to: a },
  ],
  [
    "one that hangs twice goes back, once the worker after it was stopped for that",
    { ...inProbation(exitOf("asked"), hang, hang), promoted: true },
    { kind: "go back", wanted: wantedB, verdict: hung, to: a },
  ],
  ["with nothing good yet a first failure may be a slip: it is tried again", gone(starting, early), start],
  [
    "and a second: it is tried on, with its delay",
    gone(starting, { ...early, at: NOW }, early),
    { kind: "schedule restart", delayMs, attempt: 2 },
  ],
  [
    "until it is a crash loop: then there is nothing left to do",
    gone(starting, early, early, early),
    { kind: "halt", wanted, verdict: loop, reason: "no good revision is left to go back to" },
  ],
  [
    "a promoted revision that hangs twice, with nothing else to go back to, halts",
    gone(calm, exitOf("asked"), hang, hang),
    { kind: "halt", wanted, verdict: hung, reason: "no good revision is left to go back to" },
  ],
  [
    "a good revision whose image is gone is nothing to go back to",
    { ...inProbation(crash, crash, crash), present: new Set([b.imageId]) },
    { kind: "halt", wanted: wantedB, verdict: loop, reason: "no good revision is left to go back to" },
  ],
  [
    "a rollback's target that fails, with no other left, halts at once: it is no slip",
    { ...inProbation(early), good: [], incident: { rollbacks: [helped] } },
    { kind: "halt", wanted: wantedB, verdict: diedEarly, reason: "no good revision is left to go back to" },
  ],
  [
    "two good revisions that fail alike end the walk",
    { ...inProbation(early), incident: { rollbacks: [helped, { imageId: "sha256:c", failure: diedEarly.reason }] } },
    {
      kind: "halt",
      wanted: wantedB,
      verdict: diedEarly,
      reason: `two good revisions failed alike: ${diedEarly.reason}`,
    },
  ],
];

/** Given up, with nothing to go back to: its last probe ended so long ago. */
function haltedAgo(ms: number, different: Partial<Observation> = {}): Observation {
  const exit = { ...early, at: NOW - ms };
  return { ...gone(calm, exit, exit, exit), promoted: false, halted: true, restartScheduled: true, ...different };
}

const misconfigured = exitOf("configuration", { at: NOW - 1 });
const probeDue = NOW - 1 + policy.haltProbeMs;

const mended = [{ ...crash, at: NOW }, misconfigured, crash];

const probes: Row[] = [
  [
    "in a halt the next probe is announced",
    haltedAgo(1, { restartScheduled: false }),
    { kind: "schedule restart", delayMs: policy.haltProbeMs, attempt: 3 },
  ],
  ["and waited for, and nothing is given up a second time", haltedAgo(1), { kind: "wait", until: probeDue }],
  ["a probe comes when it is due, and not before", haltedAgo(policy.haltProbeMs - 1), { kind: "wait", until: NOW + 1 }],
  ["the probe starts what is wanted", haltedAgo(policy.haltProbeMs), start],
  [
    "whoever restarts a halted supervisor gets a probe at once",
    haltedAgo(1, { worker: { ...worker, exited: true, supervisorId: 0 } }),
    start,
  ],
  ["a halt without any worker probes at once", haltedAgo(1, { worker: null }), start],
  [
    "a wrong configuration is probed as slowly",
    { ...gone(calm, misconfigured), restartScheduled: true },
    { kind: "wait", until: probeDue },
  ],
  [
    "and at once by whoever restarts the supervisor",
    { ...gone(calm, misconfigured), worker: { ...worker, exited: true, supervisorId: 0 } },
    start,
  ],
  [
    "a wrong configuration that was mended since delays nothing more",
    gone(calm, ...mended),
    { kind: "schedule restart", delayMs: restartDelayMs(mended, policy), attempt: 3 },
  ],
];

test.each([...starts, ...delays, ...verdicts, ...probes])("%s", (_, seen, step) => {
  expect(decide(seen, policy)).toEqual(step);
});
