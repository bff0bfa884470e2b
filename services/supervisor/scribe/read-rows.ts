import { type Database, sql } from "../../../shared/database.ts";
import { EventType } from "../../../shared/event-types.ts";
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
  return Number(sql(db, "SELECT COALESCE(MAX(id), 0) FROM events").pluck().get());
}

const PAGE = 200;
const LONGEST_PAYLOAD = 4000;

/** Of what happened before there was a journal, all but the messages; a page after an id, oldest first. */
export function pastRows(db: Database, after: number): RawRow[] {
  const query = `SELECT id, timestamp, parent_id AS parentId, event_type AS eventType,
      CASE WHEN length(payload) <= ${LONGEST_PAYLOAD} THEN payload END AS payload
      FROM events WHERE id > ? AND event_type IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ${PAGE}`;
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
