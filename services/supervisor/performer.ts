import { boundedReason } from "../../shared/bounded-text.ts";
import { scrub } from "../../shared/config.ts";
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
  return (type, given, parentId = supervisorId) => {
    const payload = withBoundedReasons(given);
    const eventId = logEvent(journal, parentId, type, payload);
    const line: object = { journal_id: eventId, ...payload };
    onceCommitted(journal, () => {
      if ("claim" in payload)
        log.debug(line, type); // the worker's own log has it
      else log.info(line, type);
      onRecorded();
    });
    return eventId;
  };
}

/**
 * Strangers' words: an engine's, a registry's, a worker's. They are kept for ever, sent to a chat, and printed. Secrets
 * go first: half of one, where a text is cut, would not be known.
 */
const REASONS: ReadonlySet<string> = new Set(["reason", "error"]);

function withBoundedReasons<P extends object>(payload: P): P {
  const entries = Object.entries(payload).map(([name, value]) => {
    return [name, REASONS.has(name) && typeof value === "string" ? boundedReason(scrub(value)) : value];
  });
  return Object.fromEntries(entries) as P; // the same fields, of the same types
}
