import { type Database, sql } from "../../../shared/database.ts";
import { eventById, type LoggedEvent } from "../../../shared/event-log.ts";
import { KNOWN_ID } from "../../../shared/stored-payload.ts";

export interface EventFilter {
  /** An event type, or its beginning up to a dot: "worker.exited", "worker." or "worker". Null: every type. */
  readonly type: string | null;
  /** Only events after this one. */
  readonly after: number;
}

export function isOfType(eventType: string, filter: EventFilter): boolean {
  if (filter.type === null || eventType === filter.type) return true;
  return eventType.startsWith(filter.type.endsWith(".") ? filter.type : `${filter.type}.`);
}

/** The ids of the newest `limit` events that the filter lets through, oldest first. Null: of all of them. */
export function newestEventIds(db: Database, filter: EventFilter, limit: number | null): number[] {
  if (limit === 0) return [];
  const limitOrNone = limit ?? -1; // as SQLite spells it
  if (filter.type === null) {
    const query = sql(db, `SELECT id FROM events WHERE id > ? AND ${KNOWN_ID} ORDER BY id DESC LIMIT ?`).pluck();
    return (query.all(filter.after, limitOrNone) as number[]).reverse();
  }
  // One walk down the index for each type: a range of types would have to be sorted as a whole.
  const query = sql(db, NEWEST_OF_TYPE).pluck();
  const types = recordedTypes(db).filter((type) => isOfType(type, filter));
  const ids = types.flatMap((type) => query.all(type, filter.after, limitOrNone) as number[]).sort((a, b) => a - b);
  return limit === null ? ids : ids.slice(-limit);
}

/** The events of these ids; one that is gone by now is left out. */
export function eventsById(db: Database, ids: readonly number[]): LoggedEvent[] {
  return ids.flatMap((id) => eventById(db, id) ?? []);
}

const NEWEST_OF_TYPE = `SELECT id FROM events WHERE event_type = ? AND id > ? AND ${KNOWN_ID} ORDER BY id DESC LIMIT ?`;

/** Every type in the log, also those that only an older or a newer program writes: one step down the index for each. */
function recordedTypes(db: Database): string[] {
  const query = `WITH RECURSIVE recorded (type) AS (
      SELECT min(event_type) FROM events
      UNION ALL SELECT (SELECT min(event_type) FROM events WHERE event_type > type) FROM recorded WHERE type IS NOT NULL)
    SELECT type FROM recorded WHERE type IS NOT NULL`;
  return sql(db, query).pluck().all() as string[];
}
