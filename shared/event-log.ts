import { scrub } from "./config.ts";
import { type Database, sql } from "./database.ts";
import type { EventPayloads, EventType } from "./event-types.ts";
import { fitsItsType } from "./payloads/fits-its-type.ts";
import { BOUNDED_PAYLOAD, KNOWN_ID, readPayload } from "./stored-payload.ts";

/**
 * An event as stored: `timestamp` in Unix milliseconds, set by the database. A payload that cannot be read is
 * UNREADABLE.
 */
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

const COLUMNS = `id, timestamp, parent_id AS parentId, substr(event_type, 1, 100) AS eventType, ${BOUNDED_PAYLOAD} AS payload`;

/** Beyond so many rows that are none of their type, somebody floods the log, and nothing is looked for behind them. */
const MOST_SKIPPED = 200;

/** The newest event of a type, or null. */
export function newestEvent<T extends EventType>(db: Database, type: T): TypedEvent<T> | null {
  return newestEvents(db, type, 1)[0] ?? null;
}

/**
 * The newest events of a type, newest first, none older than `since` (an event id). A row whose payload is not one of its
 * type is skipped: not everybody who can write here is one of ours.
 */
export function newestEvents<T extends EventType>(db: Database, type: T, limit: number, since = 0): TypedEvent<T>[] {
  const query = `SELECT ${COLUMNS} FROM events WHERE event_type = ? AND id >= ? AND ${KNOWN_ID} ORDER BY id DESC LIMIT ?`;
  const page = sql(db, query).all(type, since, limit).map(fromRow);
  const found = page.filter(isOf(type));
  const isWhole = found.length === page.length || page.length < limit;
  return isWhole
    ? found
    : [...found, ...furtherEvents(db, type, limit - found.length, { since, before: page.at(-1)?.id ?? 0 })];
}

/** The same before an id, where some rows were skipped. */
function furtherEvents<T extends EventType>(
  db: Database,
  type: T,
  limit: number,
  { since, before }: { readonly since: number; readonly before: number },
): TypedEvent<T>[] {
  const query = `SELECT ${COLUMNS} FROM events WHERE event_type = ? AND id >= ? AND id < ? ORDER BY id DESC LIMIT ?`;
  const rows = sql(db, query)
    .all(type, since, before, limit + MOST_SKIPPED)
    .map(fromRow);
  return rows.filter(isOf(type)).slice(0, limit);
}

function isOf<T extends EventType>(type: T): (event: LoggedEvent) => event is LoggedEvent & TypedEvent<T> {
  return (event): event is LoggedEvent & TypedEvent<T> => event.eventType === type && fitsItsType(type, event.payload);
}

/** At most `limit` events after an id, oldest first: the page a follower asks for next. */
export function eventsAfter(db: Database, id: number, limit: number): LoggedEvent[] {
  return sql(db, `SELECT ${COLUMNS} FROM events WHERE id > ? AND ${KNOWN_ID} ORDER BY id LIMIT ?`)
    .all(id, limit)
    .map(fromRow);
}

/** 0 before the first. */
export function newestEventId(db: Database): number {
  return Number(sql(db, `SELECT COALESCE(MAX(id), 0) FROM events WHERE ${KNOWN_ID}`).pluck().get());
}

/** The newest `limit` events, oldest first. */
export function lastEvents(db: Database, limit: number): LoggedEvent[] {
  return sql(db, `SELECT ${COLUMNS} FROM events WHERE ${KNOWN_ID} ORDER BY id DESC LIMIT ?`)
    .all(limit)
    .map(fromRow)
    .reverse();
}

/**
 * The id of the first event that is not older than a moment (Unix milliseconds), or one beyond the newest event. A search
 * by halves, without an index: timestamps grow with the ids, but for a clock that was set.
 */
export function firstEventIdSince(db: Database, timestamp: number): number {
  const next = sql(db, `SELECT id, timestamp FROM events WHERE id >= ? AND ${KNOWN_ID} ORDER BY id LIMIT 1`);
  let low = 1;
  let high = newestEventId(db) + 1;
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

/** The events right under one, oldest first. They come after it: whoever says otherwise would lead in a circle. */
export function childrenOf(db: Database, id: number): LoggedEvent[] {
  const query = `SELECT ${COLUMNS} FROM events WHERE parent_id = @id AND id > @id AND ${KNOWN_ID} ORDER BY id`;
  return sql(db, query).all({ id }).map(fromRow);
}

interface EventRow extends Omit<LoggedEvent, "payload"> {
  readonly payload: string | null;
}

function fromRow(row: unknown): LoggedEvent {
  const { payload, ...event } = row as EventRow; // the columns above
  return { ...event, payload: readPayload(payload) };
}
