import { HELD_REVISIONS } from "../../shared/held-revisions.ts";
import type { Accepted } from "../../shared/state.ts";
import type { Spawned } from "../../shared/worker-state.ts";
import { CHECK_TIMEOUT_MS, considerDeploy } from "./candidate.ts";
import { type CrashLoopPolicy, failuresInARow, restartDelayMs } from "./crash-loop.ts";
import { withoutExcused } from "./excused-exits.ts";
import { isCrash } from "./exits.ts";
import { checkSharedFile, fillsTheDisk, harmDone, mendSharedFile } from "./harm.ts";
import type { Observation } from "./observation.ts";
import { rollbackTarget } from "./revisions.ts";
import type { Step, StopCause } from "./step.ts";
import { type Verdict, verdictOn } from "./verdict.ts";
import { isUp, type WorkerContainer } from "./worker-runtime.ts";

export interface Policy extends CrashLoopPolicy {
  readonly probationMs: number;
  readonly readyTimeoutMs: number;
  readonly hangMs: number;
  readonly haltProbeMs: number;
  readonly onStop: "stop" | "leave";
}

/** An outage freezes the deadlines, but no longer than this: a worker that never reaches anything is no good either. */
const LONGEST_FREEZE_MS = 15 * 60 * 1000;
/** No hint tells that a foreign container is gone. */
const NAME_TAKEN_MS = 1000;

/** The whole policy: the log is first made to say what the engine shows, and only then is anything changed. */
export function decide(seen: Observation, policy: Policy): Step {
  return (
    removeStray(seen) ??
    recordWhatHappened(seen, policy) ??
    leave(seen, policy) ??
    answer(seen) ??
    holdImages(seen) ??
    mendSharedFile(seen) ??
    (seen.stopped ? standStill(seen) : keepRunning(seen, policy))
  );
}

/** Two would take each other's messages. */
function removeStray({ strays: [stray] }: Observation): Step | null {
  return stray === undefined ? null : remove(stray, "it is a second worker");
}

function recordWhatHappened(seen: Observation, policy: Policy): Step | null {
  const { container, worker } = seen;
  const current = container !== null && container.id === worker?.containerId ? container : null;
  if (worker && !worker.exited && !isUp(current)) return { kind: "record exit", worker, container: current };
  if (!container) return null;
  if (current) return worker?.exited ? afterExit(current, seen, policy) : null;
  if (container.state.kind !== "created") return { kind: "record spawn", container };
  const { error } = container.state;
  return error === null
    ? remove(container.id, "it was created and never started")
    : { kind: "record failed start", container, error };
}

/** What it ran last has its exit in the log. */
function afterExit(container: WorkerContainer, seen: Observation, policy: Policy): Step | null {
  if (wasStartedAgain(container, seen)) return { kind: "record spawn", container };
  // On leaving it stays: `docker compose down` has listed it by now, and fails over one that is gone.
  return seen.leaving || mayStartAgain(container, seen, policy) ? null : remove(container.id, "it has exited");
}

/** In place, by a supervisor or from outside: it runs, or ran and has ended once more. */
function wasStartedAgain({ state }: WorkerContainer, { lastExit }: Observation): boolean {
  if (state.kind !== "exited") return state.kind !== "created";
  return lastExit !== null && lastExit.startedAt !== null && lastExit.startedAt !== state.startedAt;
}

/** After a first failure the same is started at once, and a new container would be no other. */
function mayStartAgain(
  { imageId, upToDate, supervisorId }: WorkerContainer,
  seen: Observation,
  policy: Policy,
): boolean {
  const { wanted, lastExit, stopped, onHold, halted } = seen;
  if (stopped || onHold || halted || wanted?.imageId !== imageId || !upToDate) return false;
  if (supervisorId !== seen.supervisorId) return false; // its environment names another
  return lastExit !== null && isCrash(lastExit.class) && delayBeforeStart(seen, policy) === 0;
}

function leave({ leaving, container, worker }: Observation, policy: Policy): Step | null {
  if (!leaving) return null;
  if (!isUp(container) || !worker || policy.onStop === "leave") return { kind: "leave" };
  return { kind: "stop worker", worker, cause: "asked", why: "the supervisor was asked to stop" };
}

function answer(seen: Observation): Step | null {
  const { configured, deploy, rollbackRequest, check, wanted, cancelRequest } = seen;
  if (configured) return { kind: "take up configured", revision: configured };
  if (check && check.requestId !== deploy?.request.eventId) return remove(check.id, "its deploy is decided");
  if (deploy?.superseding) return { kind: "replace deploy", request: deploy.request, by: deploy.superseding };
  if (wanted && cancelRequest !== null) return { kind: "cancel deploy", wanted, requestId: cancelRequest };
  if (rollbackRequest) return { kind: "answer rollback", request: rollbackRequest };
  return deploy && considerDeploy(deploy, check, seen);
}

/** Good images are held as soon as they run or are good, and let go only when newer ones have been promoted. */
function holdImages({ good, wanted, present, held, promoted }: Observation): Step | null {
  const kept = [...(wanted ? [wanted] : []), ...good.slice(0, HELD_REVISIONS)];
  const missing = kept.find(({ imageId }) => present.has(imageId) && !held.has(imageId));
  if (missing) return { kind: "hold image", revision: { revision: missing.revision, imageId: missing.imageId } };
  if (!promoted) return null;
  const surplus = [...held].find((imageId) => !kept.some((revision) => revision.imageId === imageId));
  return surplus === undefined ? null : { kind: "let image go", imageId: surplus };
}

function standStill({ container, worker }: Observation): Step {
  if (!isUp(container) || !worker) return { kind: "wait", until: null };
  return { kind: "stop worker", worker, cause: "asked", why: "an operator asked for it" };
}

function keepRunning(seen: Observation, policy: Policy): Step {
  const { wanted, container, worker } = seen;
  const checkDue = seen.check ? seen.check.createdAt + CHECK_TIMEOUT_MS : null;
  if (!wanted)
    return { kind: "wait", until: null, why: "the configured worker image is not here yet: build or load it" };
  if (seen.onHold) return { kind: "wait", until: checkDue };
  const step =
    container && worker && !worker.exited
      ? watchOver(seen, { wanted, container, worker }, policy)
      : bringBack(seen, wanted, policy);
  return step.kind === "wait" ? { ...step, until: earliest(step.until, checkDue) } : step;
}

interface Running {
  readonly wanted: Accepted;
  readonly container: WorkerContainer;
  readonly worker: Spawned;
}

/** A worker is up: it is what is wanted, it gets ready in time, it makes progress, and it earns its promotion. */
function watchOver(seen: Observation, { wanted, container, worker }: Running, policy: Policy): Step {
  const stop = (cause: StopCause, why: string): Step => ({ kind: "stop worker", worker, cause, why });
  if (worker.stopping) return stop(worker.stopping, "whoever began to stop it did not finish");
  if (container.imageId !== wanted.imageId) return stop("asked", `${wanted.by} to ${wanted.revision}`);
  if (!container.upToDate) return stop("asked", "its settings changed");
  if (container.state.kind === "paused") return { kind: "wait", until: null };
  const harm = harmDone(seen, wanted, policy);
  if (harm) return stop(harm.cause, harm.why);
  const frozenMs = Math.min(seen.outageMs, LONGEST_FREEZE_MS);
  const wait = (until: number | null): Step => ({ kind: "wait", until: earliest(until, hangDue(seen, policy)) });
  if (worker.readyAt === null) {
    const readyDue = worker.at + policy.readyTimeoutMs + frozenMs;
    if (seen.now < readyDue) return wait(readyDue);
    return stop("never ready", `it was not ready within ${policy.readyTimeoutMs / 1000} s`);
  }
  if (seen.heartbeatStaleMs >= policy.hangMs) {
    return stop("hang", `its heartbeat did not move for ${Math.round(seen.heartbeatStaleMs / 1000)} s`);
  }
  if (seen.rollback) return { kind: "settle rollback", rollback: seen.rollback };
  if (seen.promoted) return judgeInHindsight(seen, { worker, readyAt: worker.readyAt }, policy) ?? wait(null);
  const provenAt = worker.readyAt + policy.probationMs + frozenMs;
  if (seen.now < provenAt) return wait(provenAt);
  return { kind: "promote", worker, readySeconds: (seen.now - worker.readyAt) / 1000 };
}

/** Two beats of its heart, and as many looks at the shared file: what stands still for longer is watched closely. */
const NOTICED_MS = 11_000;

/** By then a worker has said which messages it sets aside, as what ended those before it. */
const HINDSIGHT_MS = 5000;

/** A promoted revision may have hung over one message alone: that is known once the worker after it is at work. */
function judgeInHindsight(
  seen: Observation,
  { worker, readyAt }: { readonly worker: Spawned; readonly readyAt: number },
  policy: Policy,
): Step | null {
  const exits = withoutExcused(seen.exits, seen.setAside, true);
  const verdict = verdictOn({ ...seen, exits, filledTheDisk: false }, policy);
  if (verdict === null) return null;
  const due = readyAt + HINDSIGHT_MS;
  if (seen.now < due) return { kind: "wait", until: due };
  return { kind: "stop worker", worker, cause: "asked", why: verdict.reason };
}

/** What counts of the exits by now. A promoted revision's newest hang is judged when the next worker has spoken, or has ended. */
function judgeable(seen: Observation): Observation {
  const counted = withoutExcused(seen.exits, seen.setAside, seen.promoted);
  const [newest, ...before] = counted;
  const isOpen = seen.promoted && newest?.class === "hang" && newest.eventId === seen.lastExit?.eventId;
  return { ...seen, exits: isOpen ? before : counted };
}

/** When what stands still will have done so for too long; null while nothing does. */
function hangDue({ now, worker, heartbeatStaleMs, sharedStuckMs }: Observation, policy: Policy): number | null {
  const heartMs = worker?.readyAt == null ? 0 : heartbeatStaleMs;
  const staleMs = Math.max(heartMs, sharedStuckMs);
  return staleMs < Math.min(NOTICED_MS, policy.hangMs / 2) ? null : now + Math.max(policy.hangMs - staleMs, 0);
}

/** No worker runs: start the wanted revision again, or give up on it. */
function bringBack(seen: Observation, wanted: Accepted, policy: Policy): Step {
  const run = { ...judgeable(seen), filledTheDisk: fillsTheDisk(seen, wanted) };
  const verdict = seen.halted ? null : verdictOn(run, policy);
  const givenUp = verdict && giveUp(seen, wanted, verdict);
  if (givenUp) return givenUp;
  const check = checkSharedFile(seen);
  if (check) return check;
  const delayMs = delayBeforeStart(seen, policy);
  const due = (seen.exits[0]?.at ?? 0) + delayMs;
  if (delayMs === 0 || seen.now >= due) return startOrWait(seen, wanted);
  if (seen.restartScheduled) return { kind: "wait", until: due };
  return { kind: "schedule restart", delayMs, attempt: failuresInARow(seen.exits, policy) };
}

/** A foreign container is never removed, and its name is no revision's fault. */
function startOrWait({ container, nameTaken, now, shared }: Observation, wanted: Accepted): Step {
  // A worker needs that file from its first line on. What keeps rows out of it now is no revision's fault.
  if (shared.trouble !== null)
    return { kind: "wait", until: null, why: `no worker is started: ${shared.trouble.reason}` };
  if (container) return { kind: "start again", containerId: container.id };
  if (nameTaken === null) return { kind: "start", revision: wanted };
  const why = `the name ${nameTaken} is taken by a container that is not ours: remove or rename it, the worker has that name`;
  return { kind: "wait", until: now + NAME_TAKEN_MS, why };
}

function giveUp(seen: Observation, wanted: Accepted, verdict: Verdict): Step | null {
  const bad = { imageId: wanted.imageId, reason: verdict.reason };
  const target = rollbackTarget(bad, seen.good, seen);
  if (target.kind === "go back") return { kind: "go back", wanted, verdict, to: target.to };
  // With nothing good yet, a first failure may be a slip: it is tried on until it is a crash loop.
  if (verdict.kind === "failed probation" && seen.incident.rollbacks.length === 0) return null;
  return { kind: "halt", wanted, verdict, reason: target.reason };
}

function delayBeforeStart({ halted, exits, worker, supervisorId }: Observation, policy: Policy): number {
  if (!halted && exits[0]?.class !== "configuration") return restartDelayMs(exits, policy);
  // Whoever restarts the supervisor may have mended the cause, so its first probe comes at once.
  return worker?.supervisorId === supervisorId ? policy.haltProbeMs : 0;
}

function remove(containerId: string, why: string): Step {
  return { kind: "remove", containerId, why };
}

function earliest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}
