import { type Database, sql } from "../../../shared/database.ts";

/** Whether the operator was told of an event. */
export function isTold(db: Database, eventId: number): boolean {
  const query = "SELECT 1 FROM events WHERE event_type = 'operator.told' AND payload ->> '$.about' = ? LIMIT 1";
  return sql(db, query).get(eventId) !== undefined;
}
