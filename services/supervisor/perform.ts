import { type Database, inTransaction } from "../../shared/database.ts";
import { logEvent } from "../../shared/event-log.ts";
import { type EventPayloads, EventType } from "../../shared/event-types.ts";
import type { Logger } from "../../shared/logging.ts";
import { nextWorkerSequence, type Revision } from "../../shared/state.ts";
import { answerDeploy, answerRollback, takeUp } from "./answer.ts";
import type { Action, Policy } from "./decide.ts";
import { type ExitFacts, NEVER_RAN, recordExit, recordSpawn } from "./record.ts";
import { giveUpOn, settleRollback } from "./rollback.ts";
import type { WorkerRuntime } from "./worker-runtime.ts";

export interface Performer {
  readonly db: Database;
  readonly runtime: WorkerRuntime;
  /** This supervisor's `process.started`. */
  readonly supervisorId: number;
  readonly policy: Policy & { readonly stopGraceMs: number };
  readonly record: Recorder;
}

/** Appends an event, under this supervisor's own unless said otherwise, and says it in the log with the event's id. */
export type Recorder = <T extends EventType>(type: T, payload: EventPayloads[T], parentId?: number | null) => void;

export function createRecorder(db: Database, log: Logger, supervisorId: number): Recorder {
  return (type, payload, parentId = supervisorId) => {
    const eventId = logEvent(db, parentId, type, payload);
    // The worker's last lines are in its own log already.
    const line: object = { event_id: eventId, ...payload, log_tail: undefined };
    log.info(line, type);
  };
}

/** How much of a dead worker's log its `worker.exited` keeps: a stack trace and what led to it. */
const LOG_TAIL_LINES = 40;

/**
 * Carries out one step. It may be cut short anywhere: what the engine did is seen by looking again, and what belongs
 * together in the log is written in one transaction. Rejects when the engine fails.
 */
export async function perform(performer: Performer, step: Action): Promise<void> {
  switch (step.kind) {
    case "record spawn":
      return recordSpawn(performer, step.container);
    case "record failed start":
      return recordFailedStart(performer, step.container, step.error);
    case "record exit":
      return recordExit(performer, await exitFacts(performer, step));
    case "remove":
      return performer.runtime.remove(step.container.id);
    case "stop worker":
      return stopWorker(performer, step);
    case "answer deploy":
      return answerDeploy(performer, step.request);
    case "answer rollback":
      return answerRollback(performer, step.request);
    case "take up configured":
      return takeUp(performer, step.revision, null);
    case "settle rollback":
      return settleRollback(performer, step.rollback, null);
    case "give up on revision":
      return giveUpOn(performer, step);
    case "promote":
      return promote(performer, step);
    case "schedule restart":
      return performer.record(EventType.RestartScheduled, { delay_ms: step.delayMs, attempt: step.attempt });
    case "start":
      return start(performer, step.revision);
  }
}

/** The container is the write-ahead of `worker.spawned`, so only what could not become one is recorded here. */
async function start(performer: Performer, { revision, imageId }: Revision): Promise<void> {
  const { db, runtime, supervisorId } = performer;
  const instance = `${supervisorId}.${nextWorkerSequence(db, supervisorId)}`;
  const refusal = await runtime.start({ revision, imageId, instance, supervisorId });
  if (refusal === null) return;
  recordFailedStart(performer, { id: "", revision, imageId, instance, supervisorId, pid: null }, refusal);
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
  if (!stopping) record(EventType.WorkerStopping, { instance, reason: step.why });
  await runtime.stop(containerId, policy.stopGraceMs);
}

function promote({ record }: Performer, { worker, readySeconds }: Action & { kind: "promote" }): void {
  const { revision, imageId, instance } = worker;
  const evidence = { ready_seconds: readySeconds, instance };
  record(EventType.RevisionPromoted, { revision, image_id: imageId, evidence }, null);
}

async function exitFacts(performer: Performer, step: Action & { kind: "record exit" }): Promise<ExitFacts> {
  const { worker, container } = step;
  const known = { ...NEVER_RAN, ...worker, asked: worker.stopping };
  if (container?.state.kind !== "exited") return { ...known, removed: true };
  const logTail = await performer.runtime.logTail(container.id, LOG_TAIL_LINES);
  return { ...known, ...container.state, logTail };
}
