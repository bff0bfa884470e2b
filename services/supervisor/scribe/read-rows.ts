import { type Database, sql } from "../../../shared/database.ts";
import { EventType } from "../../../shared/event-types.ts";
import { Damaged } from "./open-file.ts";
import type { RawRow } from "./scribe.ts";
import type { Anchor } from "./shared-file.ts";

/** The place of the first of these rows that is there as it was written, or null. */
export function findAnchor(db: Database, anchors: readonly Anchor[]): number | null {
  const query = "SELECT 1 FROM events WHERE id = ? AND timestamp = ? AND event_type = ?";
  const index = anchors.findIndex(({ id, timestamp, eventType }) => sql(db, query).get(id, timestamp, eventType));
  return index === -1 ? null : index;
}

/** 0 before the first. */
export function maxEventId(db: Database): number {
  return Number(sql(db, `SELECT COALESCE(MAX(id), 0) FROM events WHERE ${HAS_KNOWN_ID}`).pluck().get());
}

/** As SQL: an id that JavaScript can tell from others; whoever makes the table anew may leave out its rules. */
export const HAS_KNOWN_ID = `typeof(id) = 'integer' AND id BETWEEN 1 AND ${Number.MAX_SAFE_INTEGER}`;

const known = (column: string, instead: string) =>
  `CASE WHEN typeof(${column}) = 'integer' AND ${column} BETWEEN 0 AND ${Number.MAX_SAFE_INTEGER}
        THEN ${column} ELSE ${instead} END`;

/**
 * As SQL: the columns of a RawRow, each of a kind that an answer may have, whatever somebody wrote: one row that could not
 * be told would keep all others from being told. A payload with more bytes than `longest` is left out; `length` would
 * count up to its first NUL.
 */
export const rawRow = (longest: number) => `id, event_type AS eventType,
    ${known("timestamp", "0")} AS timestamp, ${known("parent_id", "NULL")} AS parentId,
    CASE WHEN typeof(payload) = 'text' AND octet_length(payload) <= ${longest} THEN payload END AS payload`;

/** Throws Damaged unless there is a table of events: what stands in its place, as a view, may have no end. */
export function assertEventsTable(db: Database): void {
  const query = "SELECT 1 FROM sqlite_schema WHERE name = 'events' AND type = 'table' AND rootpage > 0";
  if (db.prepare(query).get() === undefined) throw new Damaged("the shared file has no table of events");
}

/** A worker's last words have some thirty thousand bytes; so many of the longest rows are one answer. */
const PAGE = 20;
const LONGEST_PAYLOAD = 65_536;

/** Of what happened before there was a journal, all but the messages; a page after an id, oldest first. */
export function pastRows(db: Database, after: number): RawRow[] {
  const query = `SELECT ${rawRow(LONGEST_PAYLOAD)}
      FROM events WHERE id > ? AND ${HAS_KNOWN_ID} AND event_type IN (SELECT value FROM json_each(?))
      ORDER BY id LIMIT ${PAGE}`;
  return sql(db, query).all(after, JSON.stringify(PAST_TYPES)) as RawRow[];
}

const PAST_TYPES: readonly string[] = [
  EventType.ProcessStarted,
  EventType.WorkerReady,
  EventType.WorkerSpawned,
  EventType.WorkerStopping,
  EventType.WorkerExited,
  EventType.RestartScheduled,
  EventType.RevisionPromoted,
  EventType.RevisionQuarantined,
  EventType.RollbackStarted,
  EventType.RollbackAttempted,
  EventType.RollbackRejected,
  EventType.DeployRequested,
  EventType.RollbackRequested,
  EventType.DeployStarted,
  EventType.DeployRejected,
  EventType.DeployFailed,
  EventType.SupervisorHalted,
  EventType.StopRequested,
  EventType.StartRequested,
  EventType.HoldRequested,
  EventType.UnholdRequested,
  EventType.AlertSent,
];
