import { eventById } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import type { Revision } from "../../shared/state.ts";
import { processOf } from "../../shared/worker-process.ts";
import { classifyExit, type ExitEvidence, signalOf } from "./exits.ts";
import type { Performer } from "./performer.ts";
import type { StartOrder } from "./worker-runtime.ts";

type Recording = Pick<Performer, "db" | "supervisorId" | "record">;

type Created = Omit<StartOrder, "parentId"> & { readonly id: string; readonly pid: number | null };

/** The parent is the supervisor that created the container, also when a successor finds it. */
export function recordSpawn({ db, supervisorId, record }: Recording, container: Created): void {
  const { id, instance, revision, imageId, pid } = container;
  const payload = { pid, instance, container_id: id, revision, image_id: imageId };
  // It may be of another database, before a backup was restored: then it is ours.
  const isKnown = eventById(db, container.supervisorId)?.eventType === EventType.ProcessStarted;
  record(EventType.WorkerSpawned, payload, isKnown ? container.supervisorId : supervisorId);
}

/** What is known of a worker that is no longer there. Times are Unix milliseconds, null when it never got that far. */
export interface ExitFacts extends Revision, Omit<ExitEvidence, "startError"> {
  readonly instance: string;
  readonly startedAt: number | null;
  readonly readyAt: number | null;
  readonly finishedAt: number | null;
  /** Why it could not be started, null when it was. */
  readonly error: string | null;
  readonly logTail: readonly string[];
}

export const NEVER_RAN = {
  startedAt: null,
  readyAt: null,
  finishedAt: null,
  stopping: null,
  removed: false,
  signalled: false,
  freedTheLock: false,
  unwatched: false,
  error: null,
  exitCode: null,
  oom: false,
  logTail: [],
};

/** Records an exit. The attempts that the worker left open are closed where they stand, as the exit is mirrored there. */
export function recordExit({ db, record }: Recording, facts: ExitFacts): void {
  const { instance, exitCode, error } = facts;
  record(EventType.WorkerExited, {
    instance,
    process_id: processOf(db, instance),
    revision: facts.revision,
    image_id: facts.imageId,
    class: classifyExit({ ...facts, startError: error }),
    exit_code: exitCode,
    signal: signalOf(exitCode),
    oom: facts.oom,
    started_at: facts.startedAt,
    uptime_seconds: secondsBetween(facts.startedAt, facts.finishedAt) ?? 0,
    ready_seconds: secondsBetween(facts.readyAt, facts.finishedAt),
    error,
    log_tail: facts.logTail,
  });
}

function secondsBetween(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : Math.max(to - from, 0) / 1000;
}
