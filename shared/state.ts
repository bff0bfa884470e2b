import { type Database, sql } from "./database.ts";
import { newestEvent, newestEvents } from "./event-log.ts";
import { EventType } from "./event-types.ts";

/** What the log says about revisions. Nothing keeps this beside the log: ask again, it is a walk down an index. */

/** An image: the reference it was known by, and the id it meant at that moment. The id is what counts. */
export interface Revision {
  readonly revision: string;
  readonly imageId: string;
}

/** The revision that should run since an event accepted it. */
export interface Accepted extends Revision {
  readonly eventId: number;
  readonly at: number;
  readonly by: "deploy" | "rollback";
  readonly requestId: number | null;
  /** How much room the state volume had then; null when it is not known. */
  readonly freeBytes: number | null;
}

/**
 * The last good revision: the newest `revision.promoted` that no later `revision.quarantined` names, or null.
 * Each probation passed promotes anew, so a good revision that is rolled back to is the last good one again.
 */
export function currentGoodRevision(db: Database): Revision | null {
  return goodRevisions(db, 1)[0] ?? null;
}

// A promotion stands when it is the newest word on its image.
export const GOOD_REVISIONS = `
  SELECT p.payload ->> '$.image_id' AS imageId, p.payload ->> '$.revision' AS revision FROM events p
   WHERE p.event_type = 'revision.promoted'
     AND typeof(p.payload ->> '$.image_id') = 'text' AND typeof(p.payload ->> '$.revision') = 'text'
     AND NOT EXISTS (SELECT 1 FROM events v WHERE v.event_type IN ('revision.promoted', 'revision.quarantined')
                        AND json_extract(v.payload, '$.image_id') = json_extract(p.payload, '$.image_id') AND v.id > p.id)
   ORDER BY p.id DESC LIMIT ?`;

/** The newest `limit` distinct good revisions, the last good one first. */
export function goodRevisions(db: Database, limit: number): Revision[] {
  return sql(db, GOOD_REVISIONS).all(limit) as Revision[];
}

export const NEWEST_VERDICT = `
  SELECT event_type AS type, payload ->> '$.reason' AS reason FROM events
   WHERE event_type IN ('revision.promoted', 'revision.quarantined')
     AND json_extract(payload, '$.image_id') = @imageId AND id < @before ORDER BY id DESC LIMIT 1`;

/** Why an image is quarantined: what the newest word on it before an event says. Null when that is not that it is bad. */
export function quarantineReason(db: Database, imageId: string, before = Number.MAX_SAFE_INTEGER): string | null {
  const verdict = sql(db, NEWEST_VERDICT).get({ imageId, before }) as { type: string; reason: string } | undefined;
  return verdict?.type === EventType.RevisionQuarantined ? verdict.reason : null;
}

export function isQuarantined(db: Database, imageId: string): boolean {
  return quarantineReason(db, imageId) !== null;
}

/** The newest accepted deploy or rollback, or null before the first. */
export function wantedRevision(db: Database): Accepted | null {
  const deploy = newestEvent(db, EventType.DeployStarted);
  const rollback = newestEvent(db, EventType.RollbackStarted);
  if (rollback && rollback.id > (deploy?.id ?? 0)) {
    const { target_revision, image_id, request_id } = rollback.payload;
    const { id: eventId, timestamp: at } = rollback;
    return {
      revision: target_revision,
      imageId: image_id,
      eventId,
      at,
      by: "rollback",
      requestId: request_id,
      freeBytes: null,
    };
  }
  if (!deploy) return null;
  const { revision, image_id: imageId, request_id: requestId } = deploy.payload;
  const freeBytes = deploy.payload.free_bytes ?? null;
  return { revision, imageId, eventId: deploy.id, at: deploy.timestamp, by: "deploy", requestId, freeBytes };
}

export const CONFIGURED_BEFORE = `
  SELECT 1 FROM events WHERE event_type = 'deploy.started' AND json_extract(payload, '$.image_id') = ?
     AND payload ->> '$.reason' = 'configured' LIMIT 1`;

/** Whether an image was ever taken up because the configuration named it. */
export function wasConfiguredBefore(db: Database, imageId: string): boolean {
  return sql(db, CONFIGURED_BEFORE).get(imageId) !== undefined;
}

/** The number of the next worker under this supervisor's `process.started`, from 1. */
export function nextWorkerSequence(db: Database, supervisorEventId: number): number {
  const query = "SELECT count(*) + 1 FROM events WHERE parent_id = ? AND event_type = 'worker.spawned'";
  return Number(sql(db, query).pluck().get(supervisorEventId));
}

/** An operator's wish that no answer names yet. */
export interface PendingRequest {
  readonly eventId: number;
  readonly kind: "deploy" | "rollback";
  /** The image reference asked for; null for "the previous good one". */
  readonly revision: string | null;
  /** The good image asked for, where the wish names one. */
  readonly imageId: string | null;
}

// The plus keeps the column from changing how the index compares (https://sqlite.org/datatype3.html, 3.2 Affinity).
export const PENDING_REQUEST = `SELECT r.id AS eventId, r.event_type AS type, r.payload ->> '$.revision' AS revision,
         r.payload ->> '$.image_id' AS imageId FROM events r
    WHERE r.event_type IN ('deploy.requested', 'rollback.requested')
      AND NOT EXISTS (SELECT 1 FROM events a WHERE json_extract(a.payload, '$.request_id') = +r.id AND a.event_type IN
            ('deploy.started', 'deploy.rejected', 'rollback.started', 'rollback.rejected'))
    ORDER BY r.id LIMIT 2`;

/** The oldest wish that waits for an answer. Answers carry the wish's id, so a restart neither repeats nor loses one. */
export function pendingRequest(db: Database): PendingRequest | null {
  return pendingRequests(db)[0] ?? null;
}

/** The two oldest: the second is what the first has to give way to. */
export function pendingRequests(db: Database): PendingRequest[] {
  const rows = sql(db, PENDING_REQUEST).all() as (Omit<PendingRequest, "kind"> & { type: string })[];
  const textOf = (value: unknown) => (typeof value === "string" ? value : null); // whoever wrote it
  return rows.map(({ type, ...wish }) => ({
    ...wish,
    revision: textOf(wish.revision),
    imageId: textOf(wish.imageId),
    kind: type === EventType.DeployRequested ? "deploy" : "rollback",
  }));
}

/** The wish that a deploy, asked for by this event or accepted with it, has to give way to; null while there is none. */
export interface Superseding {
  readonly eventId: number;
  readonly kind: "deploy" | "rollback" | "stop" | "cancel";
}

/** What an operator asked for since that leaves a deploy without a point: to let nothing run, or to leave it. */
export function endedSince(db: Database, eventId: number): Superseding | null {
  const cancelled = newestEvent(db, EventType.CancelRequested)?.id ?? 0;
  if (cancelled > eventId) return { eventId: cancelled, kind: "cancel" };
  const stopped = isStopped(db) ? (newestEvent(db, EventType.StopRequested)?.id ?? 0) : 0;
  return stopped > eventId ? { eventId: stopped, kind: "stop" } : null;
}

/** Whether an accepted revision has passed a probation since it was accepted, and nothing was said against it since. */
export function isPromotedSince(db: Database, accepted: Accepted): boolean {
  return wasPromotedSince(db, accepted) && !isQuarantined(db, accepted.imageId);
}

function wasPromotedSince(db: Database, accepted: Accepted): boolean {
  return promotionSince(db, accepted) !== null;
}

function promotionSince(db: Database, accepted: Accepted): number | null {
  const promotions = newestEvents(db, EventType.RevisionPromoted, 20, accepted.eventId);
  return promotions.find((promotion) => promotion.payload.image_id === accepted.imageId)?.id ?? null;
}

/** The event since which exits count against an accepted revision: a probation that it passed makes good what was before. */
export function judgedSince(db: Database, accepted: Accepted): number {
  return isPromotedSince(db, accepted) ? (promotionSince(db, accepted) ?? accepted.eventId) : accepted.eventId;
}

/** Whether the outcome of an accepted deploy is known: it was promoted, or it failed. */
export function isDecided(db: Database, accepted: Accepted): boolean {
  return wasPromotedSince(db, accepted) || (newestEvent(db, EventType.DeployFailed)?.id ?? 0) > accepted.eventId;
}

/** A rollback whose outcome is not recorded yet. */
export interface OpenRollback {
  readonly eventId: number;
  readonly target: Revision;
  readonly from: string;
  readonly reason: string;
  readonly requestId: number | null;
}

export function openRollback(db: Database): OpenRollback | null {
  const started = newestEvent(db, EventType.RollbackStarted);
  if (!started || (newestEvent(db, EventType.RollbackAttempted)?.id ?? 0) > started.id) return null;
  const { target_revision, image_id, from_revision, reason, request_id } = started.payload;
  return {
    eventId: started.id,
    target: { revision: target_revision, imageId: image_id },
    from: from_revision,
    reason,
    requestId: request_id,
  };
}

/** Whether an accepted revision was given up with nothing to go back to. A probe that passes its probation ends it. */
export function isHalted(db: Database, accepted: Accepted): boolean {
  const halted = newestEvent(db, EventType.SupervisorHalted)?.id ?? 0;
  return halted > accepted.eventId && !isPromotedSince(db, { ...accepted, eventId: halted });
}

/** Whether an operator wants nothing to run; the wish outlives every restart, until the opposite one. */
export function isStopped(db: Database): boolean {
  return isNewerThan(db, EventType.StopRequested, EventType.StartRequested);
}

/** Whether an operator wants nothing to be done by itself, during maintenance. */
export function isOnHold(db: Database): boolean {
  return isNewerThan(db, EventType.HoldRequested, EventType.UnholdRequested);
}

function isNewerThan(db: Database, one: EventType, other: EventType): boolean {
  return (newestEvent(db, one)?.id ?? 0) > (newestEvent(db, other)?.id ?? 0);
}
