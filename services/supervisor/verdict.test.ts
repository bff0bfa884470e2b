import { expect, test } from "@jest/globals";
import { exitOf, NOW } from "./fake-observation.ts";
import { policy } from "./fake-system.ts";
import { type Run, type Verdict, verdictOn } from "./verdict.ts";

const HOUR_MS = 60 * 60 * 1000;
const PATIENCE_MS = 5 * 60 * 1000;

const inProbation: Run = {
  promoted: false,
  exits: [],
  predecessorPolled: false,
  brokeTheState: false,
  filledTheDisk: false,
};
const promoted: Run = { ...inProbation, promoted: true };

const early = exitOf("crash");
const crash = exitOf("crash", { readySeconds: 10 });
const hangAgo = (ms: number) => exitOf("hang", { at: NOW - ms, readySeconds: 5000 });
const upstreamAgo = (ms: number) => exitOf("upstream", { at: NOW - ms, readySeconds: 10 });

const failed = (reason: string): Verdict => ({ kind: "failed probation", reason });
const loop: Verdict = { kind: "crash loop", reason: "3 exits in a row, each less than 60 s after it was ready" };
const hung: Verdict = { kind: "hangs", reason: "it hung twice within an hour" };
const givenUpOn = failed("its upstream gives up on it alone");

type Row = readonly [sentence: string, run: Run, verdict: Verdict | null];

const ofAny: Row[] = [
  ["a promoted revision is not bad as long as it runs", promoted, null],
  ["a revision in its probation is not bad as long as it runs", inProbation, null],
  ["a promoted revision that crashes three times in a row is bad", { ...promoted, exits: [crash, crash, crash] }, loop],
  ["twice is forgiven it", { ...promoted, exits: [crash, crash] }, null],
  ["it may also die before it is ready", { ...promoted, exits: [early, early] }, null],
  ["a crash loop in a probation is called one", { ...inProbation, exits: [early, early, early] }, loop],
  [
    "a wrong configuration does not convict what was promoted",
    { ...promoted, exits: Array(9).fill(exitOf("configuration")) },
    null,
  ],
];

const hangs: Row[] = [
  ["one hang is an accident", { ...promoted, exits: [hangAgo(0)] }, null],
  ["a second hang within an hour is none", { ...promoted, exits: [hangAgo(0), hangAgo(HOUR_MS)] }, hung],
  ["after more than an hour it is one again", { ...promoted, exits: [hangAgo(0), hangAgo(HOUR_MS + 1)] }, null],
  [
    "other exits between two hangs change nothing",
    { ...promoted, exits: [hangAgo(0), exitOf("asked"), hangAgo(HOUR_MS)] },
    hung,
  ],
  ["a hang and a crash are not two hangs", { ...promoted, exits: [hangAgo(0), crash] }, null],
  [
    "only the newest two hangs count",
    { ...promoted, exits: [hangAgo(0), hangAgo(2 * HOUR_MS), hangAgo(2 * HOUR_MS + 1)] },
    null,
  ],
  ["in a probation one hang is enough", { ...inProbation, exits: [hangAgo(0)] }, failed("hang in its probation")],
];

const probation: Row[] = [
  ["in its probation a revision may die once after it was ready", { ...inProbation, exits: [crash] }, null],
  ["not twice", { ...inProbation, exits: [crash, crash] }, failed("a second exit in its probation: crash")],
  [
    "the newest exit is the one that is named",
    { ...inProbation, exits: [exitOf("out of memory", { readySeconds: 10 }), crash] },
    failed("a second exit in its probation: out of memory"),
  ],
  ["it may not die before it was ready", { ...inProbation, exits: [early] }, failed("crash before it was ready")],
  ["nor ever have", { ...inProbation, exits: [crash, early] }, failed("crash before it was ready")],
  [
    "of several early ends the newest is named",
    { ...inProbation, exits: [exitOf("never ready"), early] },
    failed("never ready"),
  ],
  [
    "an image that cannot be started is bad",
    { ...inProbation, exits: [exitOf("start failed")] },
    failed("start failed before it was ready"),
  ],
  [
    "who is not ready in time is bad, in fewer words",
    { ...inProbation, exits: [exitOf("never ready")] },
    failed("never ready"),
  ],
  [
    "a wrong configuration is bad, also after it was ready",
    { ...inProbation, exits: [exitOf("configuration", { readySeconds: 10 })] },
    failed("configuration before it was ready"),
  ],
  [
    "a worker that somebody stopped, removed or was asked to go says nothing",
    {
      ...inProbation,
      exits: [exitOf("asked"), exitOf("removed"), exitOf("stopped from outside"), exitOf("host went away")],
    },
    null,
  ],
  [
    "nor does such an exit beside a first failure",
    { ...inProbation, exits: [exitOf("removed"), crash, exitOf("asked")] },
    null,
  ],
];

const polled: Run = { ...inProbation, predecessorPolled: true };
const patient = [upstreamAgo(0), upstreamAgo(PATIENCE_MS)];

const upstream: Row[] = [
  [
    "an upstream that took the predecessor and gives up on this one for five minutes gives up on this one",
    { ...polled, exits: patient },
    givenUpOn,
  ],
  ["for less it may be an outage", { ...polled, exits: [upstreamAgo(0), upstreamAgo(PATIENCE_MS - 1)] }, null],
  ["once is no time at all", { ...polled, exits: [upstreamAgo(0)] }, null],
  ["what gave up on the predecessor, too, is an outage", { ...inProbation, exits: patient }, null],
  ["a promoted revision is not to blame for its upstream", { ...polled, promoted: true, exits: patient }, null],
  [
    "from the first time that it gave up to the last, whatever lies between",
    { ...polled, exits: [upstreamAgo(0), upstreamAgo(1000), exitOf("asked"), upstreamAgo(PATIENCE_MS)] },
    givenUpOn,
  ],
  [
    "other exits make the time no longer",
    {
      ...polled,
      exits: [
        exitOf("removed", { at: NOW }),
        upstreamAgo(PATIENCE_MS - 1),
        upstreamAgo(PATIENCE_MS),
        exitOf("asked", { at: NOW - 3 * PATIENCE_MS }),
      ],
    },
    null,
  ],
];

test.each([...ofAny, ...hangs, ...probation, ...upstream])("%s", (_, run, verdict) => {
  expect(verdictOn(run, policy)).toEqual(verdict);
});
