import type { ExitClass } from "../../shared/payloads/supervisor-payloads.ts";
import type { Accepted, PendingRequest, Revision } from "../../shared/state.ts";
import type { Exit, Spawned } from "../../shared/worker-state.ts";
import type { Candidate, Observation } from "./observation.ts";
import type { CheckContainer, ContainerState, WorkerContainer } from "./worker-runtime.ts";

/** Observations for the policy's tables: each row spreads one of these and says what is different. */

export const NOW = Date.UTC(2030, 0, 1);
export const SUPERVISOR = 1;
const MINUTE_MS = 60_000;

export const a = imageOf("a");
export const b = imageOf("b");
export const c = imageOf("c");
export const d = imageOf("d");

export function imageOf(tag: string): Revision {
  return { revision: `worker:${tag}`, imageId: `sha256:${tag}` };
}

/** a was deployed an hour ago. */
export const wanted: Accepted = {
  ...a,
  eventId: 10,
  at: NOW - 60 * MINUTE_MS,
  by: "deploy",
  requestId: 9,
  freeBytes: 10 ** 9,
};

export const running: WorkerContainer = {
  ...a,
  id: "container-1",
  instance: "1.1",
  upToDate: true,
  supervisorId: SUPERVISOR,
  pid: 101,
  state: { kind: "running" },
};

/** Ready for an hour, less a minute. */
export const worker: Spawned = {
  ...a,
  eventId: 11,
  at: NOW - 60 * MINUTE_MS,
  supervisorId: SUPERVISOR,
  instance: "1.1",
  containerId: "container-1",
  processId: 12,
  readyAt: NOW - 59 * MINUTE_MS,
  stopping: null,
  exited: false,
};

/** A promoted worker runs and is ready, its image is held, and nobody wants anything: nothing is to be done. */
export const calm: Observation = {
  now: NOW,
  supervisorId: SUPERVISOR,
  leaving: false,
  stopped: false,
  onHold: false,
  container: running,
  strays: [],
  nameTaken: null,
  worker,
  heartbeatStaleMs: 0,
  outageMs: 0,
  shared: {
    trouble: null,
    foreign: [],
    soundings: 9,
    soundAt: NOW,
    wholeAfter: 1000,
    silentMs: 0,
    behind: 0,
    keepsRoom: false,
    skippedClaims: 0,
  },
  sharedStuckMs: 0,
  freeBytes: 10 ** 9,
  wanted,
  exits: [],
  setAside: [],
  promoted: true,
  predecessorPolled: false,
  brokeTheState: false,
  halted: false,
  lastExit: null,
  restartScheduled: false,
  good: [a],
  present: new Set([a.imageId]),
  held: new Set([a.imageId]),
  incident: { rollbacks: [] },
  rollback: null,
  configured: null,
  deploy: null,
  rollbackRequest: null,
  cancelRequest: null,
  check: null,
};

/** The worker started a minute ago and is not ready yet; its revision has yet to be promoted, and would be the first. */
export const starting: Observation = {
  ...calm,
  worker: { ...worker, at: NOW - MINUTE_MS, readyAt: null },
  promoted: false,
  good: [],
};

/** b is in its probation, and a is there to go back to. */
export const probation: Observation = {
  ...calm,
  container: { ...running, ...b },
  worker: { ...worker, ...b },
  wanted: { ...wanted, ...b },
  promoted: false,
  present: new Set([a.imageId, b.imageId]),
  held: new Set([a.imageId, b.imageId]),
};

/** An exit of a before it was ready, a minute ago. */
export function exitOf(exitClass: ExitClass, different: Partial<Exit> = {}): Exit {
  const at = NOW - MINUTE_MS;
  return {
    ...a,
    eventId: 20,
    at,
    instance: "1.1",
    class: exitClass,
    readySeconds: null,
    startedAt: null,
    finishedAt: null,
    ...different,
  };
}

/** The worker's last run, from five minutes to one minute ago. */
export const STARTED_AT = NOW - 5 * MINUTE_MS;
export const ended: Extract<ContainerState, { kind: "exited" }> = {
  kind: "exited",
  exitCode: 1,
  oom: false,
  startedAt: STARTED_AT,
  finishedAt: NOW - MINUTE_MS,
};

/** The worker of what was seen is gone, and the log says how it and those before it ended, newest first. */
export function gone(seen: Observation, ...exits: readonly Exit[]): Observation {
  const { worker } = seen;
  return { ...seen, container: null, worker: worker && { ...worker, exited: true }, exits, lastExit: exits[0] ?? null };
}

export const deployRequest: PendingRequest = { eventId: 30, kind: "deploy", revision: b.revision, imageId: null };
export const rollbackRequest: PendingRequest = { eventId: 31, kind: "rollback", revision: null, imageId: null };

/** Somebody wants b, which is here, and there is room. */
export const candidate: Candidate = {
  request: deployRequest,
  image: b,
  pull: { kind: "none" },
  freeBytes: 10 ** 9,
  superseding: null,
};

/** The check of b, begun ten seconds ago. */
export const check: CheckContainer = {
  id: "check-1",
  requestId: deployRequest.eventId,
  imageId: b.imageId,
  createdAt: NOW - 10_000,
  signalled: false,
  state: { kind: "running" },
};
