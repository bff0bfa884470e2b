import { scrub } from "./config.ts";
import { type Database, sql } from "./database.ts";
import type { EventPayloads, EventType } from "./event-types.ts";

/** An event as stored: `timestamp` in Unix milliseconds, set by the database. */
export interface LoggedEvent {
  readonly id: number;
  readonly timestamp: number;
  readonly parentId: number | null;
  readonly eventType: string;
  readonly payload: Readonly<Record<string, unknown>> | null;
}

/** An event whose type is known, and with it its payload's. */
export interface TypedEvent<T extends EventType> extends Omit<LoggedEvent, "payload"> {
  readonly eventType: T;
  readonly payload: EventPayloads[T];
}

/**
 * Appends one fact and returns its id, larger than every id before. The payload is scrubbed of secrets and stored as
 * JSON, or as NULL when null. Joins the transaction it is called in; throws when the parent does not exist.
 */
export function logEvent<T extends EventType>(
  db: Database,
  parentId: number | null,
  eventType: T,
  payload: EventPayloads[T] | null,
): number {
  const stored = payload === null ? null : withoutSecrets(payload);
  // .run(), not RETURNING: a statement read with .get() never lets SQLite checkpoint, and the WAL grows without end.
  const insert = sql(db, "INSERT INTO events (parent_id, event_type, payload) VALUES (?, ?, ?)");
  return Number(insert.run(parentId, eventType, stored).lastInsertRowid);
}

/** Most payloads hold no secret, and their text shows it. */
function withoutSecrets(payload: object): string {
  const text = JSON.stringify(payload);
  return scrub(text) === text ? text : JSON.stringify(payload, scrubbed);
}

/** Value by value: blanking in the JSON text could hit a number or a name of its own. */
function scrubbed(_name: string, value: unknown): unknown {
  return typeof value === "string" ? scrub(value) : value;
}

const COLUMNS = "id, timestamp, parent_id AS parentId, event_type AS eventType, payload";

/** The newest event of a type, or null. */
export function newestEvent<T extends EventType>(db: Database, type: T): TypedEvent<T> | null {
  return newestEvents(db, type, 1)[0] ?? null;
}

/** The newest events of a type, newest first, none older than `since` (an event id). */
export function newestEvents<T extends EventType>(db: Database, type: T, limit: number, since = 0): TypedEvent<T>[] {
  const query = `SELECT ${COLUMNS} FROM events WHERE event_type = ? AND id >= ? ORDER BY id DESC LIMIT ?`;
  return sql(db, query)
    .all(type, since, limit)
    .map((row) => fromRow(row) as TypedEvent<T>); // the type was asked for
}

/** At most `limit` events after an id, oldest first: the page a follower asks for next. */
export function eventsAfter(db: Database, id: number, limit: number): LoggedEvent[] {
  return sql(db, `SELECT ${COLUMNS} FROM events WHERE id > ? ORDER BY id LIMIT ?`).all(id, limit).map(fromRow);
}

/** 0 before the first. */
export function newestEventId(db: Database): number {
  return Number(sql(db, "SELECT COALESCE(MAX(id), 0) FROM events").pluck().get());
}

/** The newest `limit` events, oldest first. */
export function lastEvents(db: Database, limit: number): LoggedEvent[] {
  return sql(db, `SELECT ${COLUMNS} FROM events ORDER BY id DESC LIMIT ?`).all(limit).map(fromRow).reverse();
}

/**
 * The id of the first event that is not older than a moment (Unix milliseconds), or one beyond the newest event. A search
 * by halves, without an index: timestamps grow with the ids, but for a clock that was set.
 */
export function firstEventIdSince(db: Database, timestamp: number): number {
  const next = sql(db, "SELECT id, timestamp FROM events WHERE id >= ? ORDER BY id LIMIT 1");
  let low = 1;
  let high = Number(sql(db, "SELECT COALESCE(MAX(id), 0) + 1 FROM events").pluck().get());
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const found = next.get(middle) as { id: number; timestamp: number } | undefined;
    if (found && found.timestamp < timestamp) low = found.id + 1;
    else high = middle;
  }
  return low;
}

export function eventById(db: Database, id: number): LoggedEvent | null {
  const row = sql(db, `SELECT ${COLUMNS} FROM events WHERE id = ?`).get(id);
  return row === undefined ? null : fromRow(row);
}

/** The events right under one, oldest first. */
export function childrenOf(db: Database, id: number): LoggedEvent[] {
  return sql(db, `SELECT ${COLUMNS} FROM events WHERE parent_id = ? ORDER BY id`).all(id).map(fromRow);
}

interface EventRow extends Omit<LoggedEvent, "payload"> {
  readonly payload: string | null;
}

function fromRow(row: unknown): LoggedEvent {
  const { payload, ...event } = row as EventRow; // the columns above, and the table is STRICT
  return { ...event, payload: payload === null ? null : JSON.parse(payload) };
}
