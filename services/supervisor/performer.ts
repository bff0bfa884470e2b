import { type Database, onceCommitted } from "../../shared/database.ts";
import { logEvent } from "../../shared/event-log.ts";
import type { EventPayloads, EventType } from "../../shared/event-types.ts";
import type { Logger } from "../../shared/logging.ts";
import type { Policy } from "./decide.ts";
import type { SharedLog } from "./journal/shared-log.ts";
import type { WorkerRuntime } from "./worker-runtime.ts";

/** What carrying out a step takes. */
export interface Performer {
  /** The journal: the events that decisions fold over. */
  readonly db: Database;
  readonly shared: SharedLog;
  readonly runtime: WorkerRuntime;
  readonly freeBytes: () => number;
  /** Takes away what a worker left in the place of its heartbeat, while none runs. Never throws. */
  readonly clearHeartbeat: () => void;
  /** This supervisor's `process.started`, and when that was. */
  readonly supervisorId: number;
  readonly startedAt: number;
  readonly policy: Policy & { readonly stopGraceMs: number };
  readonly record: Recorder;
}

/**
 * Appends an event to the journal, under this supervisor's own unless said otherwise, and returns its id there. Once it
 * is committed, the log says it.
 */
export type Recorder = <T extends EventType>(type: T, payload: EventPayloads[T], parentId?: number | null) => number;

/** @param onRecorded called for each event that is committed */
export function createRecorder(
  journal: Database,
  log: Logger,
  supervisorId: number | null,
  onRecorded: () => void = () => {},
): Recorder {
  return (type, payload, parentId = supervisorId) => {
    const eventId = logEvent(journal, parentId, type, payload);
    const line: object = { journal_id: eventId, ...payload };
    onceCommitted(journal, () => {
      log.info(line, type);
      onRecorded();
    });
    return eventId;
  };
}
