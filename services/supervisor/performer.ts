import { type Database, onceCommitted } from "../../shared/database.ts";
import { logEvent } from "../../shared/event-log.ts";
import type { EventPayloads, EventType } from "../../shared/event-types.ts";
import type { Logger } from "../../shared/logging.ts";
import type { Policy } from "./decide.ts";
import type { WorkerRuntime } from "./worker-runtime.ts";

/** What carrying out a step takes. */
export interface Performer {
  readonly db: Database;
  readonly runtime: WorkerRuntime;
  /** This supervisor's `process.started`, and when that was. */
  readonly supervisorId: number;
  readonly startedAt: number;
  readonly policy: Policy & { readonly stopGraceMs: number };
  readonly record: Recorder;
}

/** Appends an event, under this supervisor's own unless said otherwise; once it is committed, the log says it with its id. */
export type Recorder = <T extends EventType>(type: T, payload: EventPayloads[T], parentId?: number | null) => void;

export function createRecorder(db: Database, log: Logger, supervisorId: number): Recorder {
  return (type, payload, parentId = supervisorId) => {
    const eventId = logEvent(db, parentId, type, payload);
    const line: object = { event_id: eventId, ...payload };
    onceCommitted(db, () => log.info(line, type));
  };
}
