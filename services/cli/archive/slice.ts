import { createHash } from "node:crypto";
import { type Database, sql } from "../../../shared/database.ts";

/** Messages with all events of all attempts at them, as they are stored: what leaves together. */
export interface Slice {
  readonly messages: Rows;
  readonly events: Rows;
}

/** In the order of their ids. */
export type Rows = readonly Row[];
type Row = Readonly<Record<string, unknown>> & { readonly id: number };

export type Table = "inbox" | "events";

// CROSS, or SQLite would read all events for each message, and look for the few among them.
export const EVENTS_OF = `
  WITH RECURSIVE tree (id) AS (
    SELECT id FROM events WHERE event_type = 'agent.started' AND json_extract(payload, '$.task_id') = ?
    UNION ALL SELECT e.id FROM tree JOIN events e ON e.parent_id = tree.id)
  SELECT e.* FROM tree CROSS JOIN events e ON e.id = tree.id`;

export function eventsOf(db: Database, messageId: number): Rows {
  return sql(db, EVENTS_OF).all(messageId) as Row[];
}

export function readSlice(db: Database, messageIds: readonly number[]): Slice {
  const events = messageIds.flatMap((id) => eventsOf(db, id));
  return { messages: rowsById(db, "inbox", messageIds), events: events.toSorted((one, other) => one.id - other.id) };
}

export function rowsById(db: Database, table: Table, ids: readonly number[]): Rows {
  const query = `SELECT * FROM ${table} WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id`;
  return sql(db, query).all(JSON.stringify(ids)) as Row[];
}

export const idsOf = (rows: Rows) => rows.map(({ id }) => id);

/** The SHA-256 over each row as JSON with its columns by name, a line each: the messages, then the events. */
export function digestOf({ messages, events }: Slice): string {
  const hash = createHash("sha256");
  for (const row of [...messages, ...events]) hash.update(JSON.stringify(row, Object.keys(row).sort())).update("\n");
  return hash.digest("hex");
}
