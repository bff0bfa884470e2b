import { boundedReason } from "../../shared/bounded-text.ts";
import { inTransaction } from "../../shared/database.ts";
import { EventType } from "../../shared/event-types.ts";
import { nextWorkerSequence, type Revision } from "../../shared/state.ts";
import { newestExit, newestWorker } from "../../shared/worker-state.ts";
import { answerRollback, cancelDeploy, rejectChecked, rejectDeploy, replaceDeploy, takeUp } from "./answer.ts";
import { endedForMemory } from "./exits.ts";
import type { Performer } from "./performer.ts";
import { type ExitFacts, NEVER_RAN, recordExit, recordSpawn } from "./record.ts";
import { goBack, halt, settleRollback } from "./rollback.ts";
import type { Action, Culprit } from "./step.ts";

/** A worker that is stuck has nothing to finish, and nobody answers meanwhile. */
const STUCK_GRACE_MS = 2000;

/** How much of a dead worker's log its `worker.exited` keeps: a stack trace and what led to it. */
const LOG_TAIL_LINES = 40;

/**
 * Carries out one step. It may be cut short anywhere: what the engine did is seen by looking again, and what belongs
 * together in the log is written in one transaction. Rejects when the engine fails.
 */
export async function perform(performer: Performer, step: Action): Promise<void> {
  switch (step.kind) {
    case "record spawn":
      return recordSpawn(performer, { ...step.container, instance: instanceIn(performer, step.container) });
    case "record failed start":
      return recordFailedStart(performer, step.container, step.error);
    case "record exit":
      return recordExit(performer, await exitFacts(performer, step));
    case "remove":
      return performer.runtime.remove(step.containerId);
    case "stop worker":
      return stopWorker(performer, step);
    case "pull":
      return performer.runtime.pull(step.reference);
    case "start check":
      return startCheck(performer, step);
    case "accept deploy":
      return takeUp(performer, step.image, step.request.eventId);
    case "check shared file":
      return performer.shared.check(step.after);
    case "repair shared file":
      return repairSharedFile(performer, step);
    case "replace shared file":
      return replaceSharedFile(performer, step);
    case "give room":
      return giveRoom(performer);
    case "reject deploy":
      return rejectDeploy(performer, step.request, step.reason);
    case "reject checked deploy":
      return rejectChecked(performer, step.request, step.check);
    case "replace deploy":
      return replaceDeploy(performer, step.request, step.by);
    case "cancel deploy":
      return cancelDeploy(performer, step.wanted, step.requestId);
    case "answer rollback":
      return answerRollback(performer, step.request);
    case "take up configured":
      return takeUp(performer, step.revision, null);
    case "settle rollback":
      return settleRollback(performer, step.rollback, { error: null });
    case "go back":
      return goBack(performer, step);
    case "halt":
      return halt(performer, step);
    case "hold image":
      return performer.runtime.hold(step.revision);
    case "let image go":
      return performer.runtime.letGo(step.imageId);
    case "promote":
      return promote(performer, step);
    case "schedule restart":
      return void performer.record(EventType.RestartScheduled, { delay_ms: step.delayMs, attempt: step.attempt });
    case "start":
      return start(performer, step.revision);
    case "start again":
      return startAgain(performer, step.containerId);
  }
}

/**
 * The container is the write-ahead of `worker.spawned`, so only what could not become one is recorded here. Its first row
 * names ours, and it frees what is claimed by whoever has exited there: it is started when the shared file has all that.
 */
async function start(performer: Performer, { revision, imageId }: Revision): Promise<void> {
  const { db, runtime, supervisorId, shared, clearHeartbeat } = performer;
  const parentId = (await shared.flush()) ? shared.sharedIdOf(supervisorId) : null;
  if (parentId === null) return; // what keeps rows out is seen by looking again
  clearHeartbeat();
  const instance = `${supervisorId}.${nextWorkerSequence(db, supervisorId)}`;
  const refusal = await runtime.start({ revision, imageId, instance, supervisorId, parentId });
  if (refusal === null) return;
  recordFailedStart(performer, { id: "", revision, imageId, instance, supervisorId, pid: null }, refusal);
}

async function startAgain({ runtime, shared, clearHeartbeat }: Performer, containerId: string): Promise<void> {
  if (!(await shared.flush())) return;
  clearHeartbeat();
  await runtime.startAgain(containerId);
}

/**
 * The instance of what a container runs now. Its environment names its first; one that is started again in place runs a
 * further one, named after the exit that it follows, as the worker itself finds that in the shared file.
 */
function instanceIn({ db, shared }: Performer, { instance: first }: { readonly instance: string }): string {
  const exit = newestExit(db);
  if (exit?.instance.split("/", 1)[0] !== first) return first;
  return `${first}/${shared.sharedIdOf(exit.eventId) ?? exit.eventId}`;
}

async function repairSharedFile(
  { shared, record }: Performer,
  { foreign, culprit }: Action & { kind: "repair shared file" },
): Promise<void> {
  const isDone = await shared.repair();
  if (isDone) record(EventType.StateRepaired, { foreign, ...laidTo(culprit) });
}

async function replaceSharedFile(
  { shared, record }: Performer,
  { reason, culprit }: Action & { kind: "replace shared file" },
): Promise<void> {
  const replaced = await shared.replace();
  if (replaced) record(EventType.StateReplaced, { reason, set_aside: replaced.setAside, ...laidTo(culprit) });
}

function laidTo(culprit: Culprit | null) {
  return { instance: culprit?.instance ?? null, image_id: culprit?.imageId ?? null };
}

async function giveRoom({ shared }: Performer): Promise<void> {
  await shared.giveRoom();
  await shared.turn();
}

async function startCheck(performer: Performer, { request, image }: Action & { kind: "start check" }): Promise<void> {
  const refusal = await performer.runtime.startCheck({ ...image, requestId: request.eventId });
  if (refusal !== null) rejectDeploy(performer, request, refusal);
}

function recordFailedStart(performer: Performer, container: Parameters<typeof recordSpawn>[1], error: string): void {
  inTransaction(performer.db, () => {
    recordSpawn(performer, container);
    recordExit(performer, { ...container, ...NEVER_RAN, error });
  });
}

async function stopWorker(
  { runtime, policy, record }: Performer,
  step: Action & { kind: "stop worker" },
): Promise<void> {
  const { instance, containerId, stopping } = step.worker;
  if (!stopping) record(EventType.WorkerStopping, { instance, cause: step.cause, reason: boundedReason(step.why) });
  await runtime.stop(
    containerId,
    step.cause === "asked" ? policy.stopGraceMs : Math.min(policy.stopGraceMs, STUCK_GRACE_MS),
  );
}

function promote({ record }: Performer, { worker, readySeconds }: Action & { kind: "promote" }): void {
  const { revision, imageId, instance } = worker;
  const evidence = { ready_seconds: readySeconds, instance };
  record(EventType.RevisionPromoted, { revision, image_id: imageId, evidence }, null);
}

async function exitFacts(performer: Performer, { worker: seen, container }: Action & { kind: "record exit" }) {
  const { db, runtime, shared, startedAt: watchedSince } = performer;
  const wasLocked = shared.seen().trouble?.kind === "locked";
  await shared.turn(); // what it said last, as that it was ready, may not be heard yet
  const worker = newestWorker(db) ?? seen;
  const known: ExitFacts = { ...NEVER_RAN, ...worker };
  if (container?.state.kind !== "exited") return { ...known, removed: true };
  const { exitCode, oom, startedAt, finishedAt } = container.state;
  const since = newestExit(db)?.at ?? 0; // what came before was of the container's last run, if it had one
  const [signalled, logTail] = await Promise.all([
    runtime.wasSignalled(container.id, since),
    runtime.logTail(container.id, LOG_TAIL_LINES, since),
  ]);
  return {
    ...known,
    exitCode,
    oom: oom && endedForMemory(await runtime.outOfMemoryAt(container.id), finishedAt),
    startedAt,
    finishedAt,
    // A container started again in place, as `docker restart` does, was not ready since.
    readyAt: worker.readyAt !== null && worker.readyAt >= startedAt ? worker.readyAt : null,
    signalled,
    freedTheLock: wasLocked && shared.seen().trouble === null,
    unwatched: finishedAt < watchedSince,
    logTail,
  };
}
