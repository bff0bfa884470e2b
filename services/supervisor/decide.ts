import type { Accepted, OpenRollback, PendingRequest, Revision } from "../../shared/state.ts";
import type { Exit, Spawned } from "../../shared/worker-state.ts";
import { type CrashLoopPolicy, failuresInARow, isCrashLooping, restartDelayMs } from "./crash-loop.ts";
import { rollbackTarget } from "./revisions.ts";
import type { WorkerContainer } from "./worker-runtime.ts";

/** Everything a decision may depend on: what the engine holds, what the log says, and the time. */
export interface Observation {
  readonly now: number;
  readonly supervisorId: number;
  /** We were asked to stop. */
  readonly leaving: boolean;
  readonly container: WorkerContainer | null;
  /** The newest worker in the log. */
  readonly worker: Spawned | null;
  readonly wanted: Accepted | null;
  /** The exits of the wanted revision since it was accepted, newest first. */
  readonly exits: readonly Exit[];
  readonly good: readonly Revision[];
  readonly present: ReadonlySet<string>;
  /** The configured image, when it is one to take up as a deploy. */
  readonly configured: Revision | null;
  readonly request: PendingRequest | null;
  /** A rollback that was started and whose outcome is not recorded. */
  readonly rollback: OpenRollback | null;
  /** The wanted revision passed its probation since it was accepted. */
  readonly promoted: boolean;
  /** The wanted revision crash-looped since it was accepted, and there was nothing to go back to. */
  readonly halted: boolean;
  /** Since the newest exit: a delayed restart was announced. */
  readonly restartScheduled: boolean;
}

export interface Policy extends CrashLoopPolicy {
  readonly probationMs: number;
  readonly haltProbeMs: number;
  readonly onStop: "stop" | "leave";
}

/** Nothing to do for now: until a deadline, if one is known, or a hint. */
export type Rest =
  | { readonly kind: "wait"; readonly until: number | null; readonly why?: string }
  | { readonly kind: "leave" };

/** One step, as data. Performing it changes the engine or the log, and with it the next observation. */
export type Step = Rest | Action;

export type Action =
  | { readonly kind: "record spawn"; readonly container: WorkerContainer }
  | { readonly kind: "record failed start"; readonly container: WorkerContainer; readonly error: string }
  | { readonly kind: "record exit"; readonly worker: Spawned; readonly container: WorkerContainer | null }
  | { readonly kind: "remove"; readonly container: WorkerContainer; readonly why: string }
  | { readonly kind: "stop worker"; readonly worker: Spawned; readonly why: string }
  | { readonly kind: "answer deploy"; readonly request: PendingRequest }
  | { readonly kind: "answer rollback"; readonly request: PendingRequest }
  | { readonly kind: "take up configured"; readonly revision: Revision }
  | { readonly kind: "settle rollback"; readonly rollback: OpenRollback }
  | { readonly kind: "promote"; readonly worker: Spawned; readonly readySeconds: number }
  | { readonly kind: "give up on revision"; readonly wanted: Accepted; readonly target: Revision | null }
  | { readonly kind: "schedule restart"; readonly delayMs: number; readonly attempt: number }
  | { readonly kind: "start"; readonly revision: Revision };

/** The whole policy: the log is first made to say what the engine shows, and only then is anything changed. */
export function decide(seen: Observation, policy: Policy): Step {
  return recordWhatHappened(seen) ?? leave(seen, policy) ?? answer(seen) ?? keepRunning(seen, policy);
}

function recordWhatHappened({ container, worker, leaving }: Observation): Step | null {
  const current = container !== null && container.id === worker?.containerId ? container : null;
  if (worker && !worker.exited && current?.state.kind !== "running") {
    return { kind: "record exit", worker, container: current };
  }
  if (!container) return null;
  // On leaving it stays: `docker compose down` has listed it by now, and fails over one that is gone.
  if (current) return worker?.exited && !leaving ? { kind: "remove", container, why: "it has exited" } : null;
  if (container.state.kind !== "created") return { kind: "record spawn", container };
  const { error } = container.state;
  return error === null
    ? { kind: "remove", container, why: "it was created and never started" }
    : { kind: "record failed start", container, error };
}

function leave({ leaving, container, worker }: Observation, policy: Policy): Step | null {
  if (!leaving) return null;
  if (container?.state.kind !== "running" || !worker || policy.onStop === "leave") return { kind: "leave" };
  return { kind: "stop worker", worker, why: "the supervisor was asked to stop" };
}

function answer({ configured, request }: Observation): Step | null {
  if (configured) return { kind: "take up configured", revision: configured };
  if (request) return { kind: request.kind === "deploy" ? "answer deploy" : "answer rollback", request };
  return null;
}

function keepRunning(seen: Observation, policy: Policy): Step {
  const { wanted, container, worker } = seen;
  if (!wanted)
    return { kind: "wait", until: null, why: "the configured worker image is not here yet: build or load it" };
  if (!container || !worker) return bringBack(seen, wanted, policy);
  if (container.imageId !== wanted.imageId) {
    return { kind: "stop worker", worker, why: `${wanted.by} to ${wanted.revision}` };
  }
  return watchOver(seen, worker, policy);
}

/** The wanted revision runs: it earns its promotion by being ready for the whole probation. */
function watchOver({ now, rollback, promoted }: Observation, worker: Spawned, policy: Policy): Step {
  if (worker.readyAt === null) return { kind: "wait", until: null };
  if (rollback) return { kind: "settle rollback", rollback };
  if (promoted) return { kind: "wait", until: null };
  const provenAt = worker.readyAt + policy.probationMs;
  if (now < provenAt) return { kind: "wait", until: provenAt };
  return { kind: "promote", worker, readySeconds: (now - worker.readyAt) / 1000 };
}

/** No worker runs: start the wanted revision again, or give up on it. */
function bringBack(seen: Observation, wanted: Accepted, policy: Policy): Step {
  if (!seen.halted && isCrashLooping(seen.exits, policy)) {
    return { kind: "give up on revision", wanted, target: rollbackTarget(wanted, seen.good, seen.present) };
  }
  const delayMs = delayBeforeStart(seen, policy);
  const due = (seen.exits[0]?.at ?? 0) + delayMs;
  if (delayMs === 0 || seen.now >= due) return { kind: "start", revision: wanted };
  if (seen.restartScheduled) return { kind: "wait", until: due };
  return { kind: "schedule restart", delayMs, attempt: failuresInARow(seen.exits, policy) };
}

function delayBeforeStart({ halted, exits, worker, supervisorId }: Observation, policy: Policy): number {
  if (!halted) return restartDelayMs(exits, policy);
  // Whoever restarts the supervisor may have mended the cause, so its first probe comes at once.
  return worker?.supervisorId === supervisorId ? policy.haltProbeMs : 0;
}
