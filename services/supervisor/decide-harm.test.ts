import { expect, test } from "@jest/globals";
import type { Exit } from "../../shared/worker-state.ts";
import { decide } from "./decide.ts";
import { a, b, calm, NOW, probation, running, wanted, worker } from "./fake-observation.ts";
import { policy } from "./fake-system.ts";
import type { SharedFileSeen } from "./journal/shared-file-seen.ts";
import type { Observation } from "./observation.ts";
import type { Step, StopCause } from "./step.ts";

/** What a worker does to what it shares with everybody: it is stopped, and what it left is put right while none runs. */

type Row = readonly [sentence: string, seen: Observation, step: Step];

const MB = 1024 * 1024;

const wait = (until: number | null = null): Step => ({ kind: "wait", until });
const shared = (different: Partial<SharedFileSeen>) => ({ shared: { ...calm.shared, ...different } });
const damaged = { kind: "damaged", reason: "the file is gone" } as const;
const locked = { kind: "locked", reason: "somebody holds the lock" } as const;
const silent = { kind: "silent", reason: "the child is not heard of" } as const;
const full = { kind: "full", reason: "database or disk is full (SQLITE_FULL)" } as const;

function stop(cause: StopCause, why: string, of: Observation = probation): Step {
  if (!of.worker) throw new Error("there is no worker to stop");
  return { kind: "stop worker", worker: of.worker, cause, why };
}

const ready = { ...probation, worker: { ...worker, ...b, readyAt: NOW - 1000 } };
const provenAt = NOW - 1000 + policy.probationMs;

const whileItRuns: Row[] = [
  [
    "a worker on probation that broke the file is stopped",
    { ...ready, ...shared({ trouble: damaged }) },
    stop("broke the state", damaged.reason, ready),
  ],
  ["so is a promoted one", { ...calm, ...shared({ trouble: damaged }) }, stop("broke the state", damaged.reason, calm)],
  [
    "so is one that is not ready yet",
    { ...ready, worker: { ...ready.worker, readyAt: null }, ...shared({ trouble: damaged }) },
    { ...stop("broke the state", damaged.reason, { ...ready, worker: { ...ready.worker, readyAt: null } }) },
  ],
  [
    "what is foreign in the schema convicts a revision on probation",
    { ...ready, ...shared({ foreign: ["trigger thief"] }) },
    stop("broke the state", "foreign in the database's schema: trigger thief", ready),
  ],
  ["and not a promoted one", { ...calm, ...shared({ foreign: ["trigger thief"] }) }, wait()],
  [
    "a lock that is held for HANG_SECONDS is a hang",
    { ...ready, ...shared({ trouble: locked }), sharedStuckMs: policy.hangMs },
    stop("hang", "somebody holds the lock, for 60 s", ready),
  ],
  [
    "of a promoted revision, too",
    { ...calm, ...shared({ trouble: locked }), sharedStuckMs: policy.hangMs },
    stop("hang", "somebody holds the lock, for 60 s", calm),
  ],
  [
    "one that is held for less is watched until it would be",
    { ...calm, ...shared({ trouble: locked }), sharedStuckMs: policy.hangMs - 1 },
    wait(NOW + 1),
  ],
  [
    "a disk that is full in a probation convicts, when there was room at the deploy",
    { ...ready, freeBytes: 49 * MB },
    stop("filled the disk", "49 MB are left on the state volume", ready),
  ],
  [
    "one that was full before convicts nobody",
    { ...ready, freeBytes: 49 * MB, wanted: { ...(ready.wanted ?? wanted), freeBytes: 49 * MB } },
    wait(provenAt),
  ],
  ["nor does one that fills under a promoted revision", { ...calm, freeBytes: 49 * MB }, wait()],
  ["50 MB are enough", { ...ready, freeBytes: 50 * MB }, wait(provenAt)],
];

const exit: Exit = {
  ...{ eventId: 21, at: NOW - 1000, instance: "1.1", imageId: b.imageId, class: "broke the state" },
  ...{ readySeconds: 1, startedAt: NOW - 3000, finishedAt: NOW - 1000 },
};
/** b has ended so, and no container is left of it. */
const ended = (exited: Partial<Exit> = {}, different: Partial<Observation> = {}): Observation => ({
  ...probation,
  ...{ container: null, worker: { ...worker, ...b, exited: true } },
  ...{ lastExit: { ...exit, ...exited }, exits: [{ ...exit, ...exited }] },
  ...different,
});
const culprit = { instance: "1.1", imageId: b.imageId };
const container = {
  ...running,
  ...b,
  state: { kind: "exited", exitCode: 1, oom: false, startedAt: NOW - 3000, finishedAt: NOW - 1000 },
} as const;

const mends: Row[] = [
  [
    "a damaged file is replaced once no worker runs",
    ended({}, shared({ trouble: damaged })),
    { kind: "replace shared file", reason: damaged.reason, culprit },
  ],
  [
    "what is foreign is put right",
    ended({}, shared({ foreign: ["trigger thief"] })),
    { kind: "repair shared file", foreign: ["trigger thief"], culprit },
  ],
  [
    "a file that is both is replaced",
    ended({}, shared({ foreign: ["trigger thief"], trouble: damaged })),
    { kind: "replace shared file", reason: damaged.reason, culprit },
  ],
  [
    "the container of the one that ended goes first",
    ended({ class: "crash" }, { container, ...shared({ trouble: damaged }) }),
    { kind: "remove", containerId: container.id, why: "the file that it shared with us is put right" },
  ],
  [
    "a file that was sound after the last worker had ended is nobody's doing",
    ended({ class: "crash", at: NOW - 1000 }, shared({ trouble: damaged, soundAt: NOW })),
    { kind: "replace shared file", reason: damaged.reason, culprit: null },
  ],
  [
    "one that was not sound since is its doing, however it ended",
    ended({ class: "crash" }, shared({ trouble: damaged, soundAt: NOW - 1001 })),
    { kind: "replace shared file", reason: damaged.reason, culprit },
  ],
  [
    "it is replaced while an operator has stopped everything, too",
    ended({}, { stopped: true, ...shared({ trouble: damaged }) }),
    { kind: "replace shared file", reason: damaged.reason, culprit },
  ],
  [
    "a file that no child outlives is replaced in the end",
    ended({ class: "crash" }, shared({ trouble: silent, soundAt: NOW - 60_000, silentMs: 60_000 })),
    { kind: "replace shared file", reason: silent.reason, culprit },
  ],
  [
    "a child that is silent for less is waited for",
    ended({ class: "asked" }, { exits: [], ...shared({ trouble: silent, silentMs: 59_999 }) }),
    { kind: "wait", until: null, why: `no worker is started: ${silent.reason}` },
  ],
  [
    "the room that was kept back is given on a full disk",
    ended({ class: "filled the disk" }, { freeBytes: 0, ...shared({ keepsRoom: true }) }),
    { kind: "give room" },
  ],
  [
    "and not while a worker runs, which would take it",
    { ...calm, freeBytes: 0, ...shared({ keepsRoom: true }) },
    wait(),
  ],
  [
    "no worker is started into a full file",
    ended({ class: "asked" }, { lastExit: null, exits: [], ...shared({ trouble: full }) }),
    { kind: "wait", until: null, why: `no worker is started: ${full.reason}` },
  ],
];

const check: Step = { kind: "check shared file", after: exit.eventId };
const wentBack = {
  ...calm,
  container: null,
  worker: { ...worker, ...b, exited: true },
  promoted: false,
  predecessorPolled: true,
};
const unchecked = shared({ wholeAfter: exit.eventId - 1 });
const ofA = { ...exit, imageId: a.imageId };
const promotedCrash = (exits: readonly Exit[]): Observation => ({
  ...calm,
  ...{ container: null, worker: { ...worker, exited: true }, exits, lastExit: exits[0] ?? null },
  ...unchecked,
});
const started: Step = { kind: "start", revision: wanted };

const checks: Row[] = [
  [
    "after a revision that was never good each page is looked at before the good one is started",
    { ...wentBack, lastExit: { ...exit, class: "asked" }, ...unchecked },
    check,
  ],
  ["once", { ...wentBack, lastExit: { ...exit, class: "asked" }, ...shared({ wholeAfter: exit.eventId }) }, started],
  [
    "a file that cannot be read is waited for",
    { ...wentBack, lastExit: { ...exit, class: "asked" }, ...shared({ wholeAfter: 0, trouble: locked }) },
    { kind: "wait", until: null, why: `no worker is started: ${locked.reason}` },
  ],
  [
    "the first failure of a promoted revision costs no look",
    promotedCrash([{ ...ofA, class: "crash", readySeconds: 600 }]),
    started,
  ],
  [
    "its second does",
    promotedCrash([
      { ...ofA, class: "crash", readySeconds: 600 },
      { ...ofA, eventId: 20, class: "crash", readySeconds: 600 },
    ]),
    check,
  ],
  [
    "an end that was asked for does not",
    promotedCrash([
      { ...ofA, class: "asked" },
      { ...ofA, eventId: 20, class: "crash" },
    ]),
    started,
  ],
  [
    "nor does a failure after one that was nobody's fault",
    promotedCrash([
      { ...ofA, class: "crash", readySeconds: 600 },
      { ...ofA, eventId: 20, class: "asked" },
    ]),
    started,
  ],
];

test.each([...whileItRuns, ...mends, ...checks])("%s", (_, seen, step) => {
  expect(decide(seen, policy)).toEqual(step);
});

test("room that was given is not given twice: what filled the disk is left", () => {
  const full = ended({ class: "filled the disk" }, { freeBytes: 0, ...shared({ keepsRoom: false }) });
  expect(decide(full, policy).kind).toBe("go back");
});
