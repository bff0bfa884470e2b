import { type Database, sql } from "../../shared/database.ts";
import { eventById, newestEvent, newestEvents } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import type { Accepted } from "../../shared/state.ts";
import type { SetAsideClaim } from "./excused-exits.ts";
import type { Incident } from "./revisions.ts";

/** More rollbacks than any budget, so that it is seen to be used up. */
const ROLLBACKS = 10;
/** So many choices from the chat in a row, within one incident, are not looked behind. */
const CHOICES = 50;
/** Those of some hours: older ones excuse nothing that is still counted. */
const SET_ASIDE = 50;
/** One would do. */
const MENDS = 10;

/**
 * The incident since the newest probation that was passed, or since an operator chose what to run, from the log. What the
 * chat asks for begins none: a bad revision can write it, too, and would never be given up.
 */
export function incidentSoFar(db: Database): Incident {
  const promoted = newestEvent(db, EventType.RevisionPromoted)?.id ?? 0;
  const deployed = newestEvents(db, EventType.DeployStarted, CHOICES).find(({ payload: { request_id } }) => {
    return request_id === null || !isFromChat(db, request_id);
  });
  const byHand = newestEvents(db, EventType.RollbackStarted, CHOICES).find(({ payload: { request_id } }) => {
    return request_id !== null && !isFromChat(db, request_id);
  });
  const since = Math.max(promoted, deployed?.id ?? 0, byHand?.id ?? 0);
  const rollbacks = newestEvents(db, EventType.RollbackStarted, ROLLBACKS, since)
    .filter(({ payload }) => payload.request_id === null)
    .map(({ id, payload }) => ({ imageId: payload.image_id, failure: failureAfter(db, id, payload.image_id) }));
  return { rollbacks };
}

function failureAfter(db: Database, eventId: number, imageId: string): string | null {
  const query = `SELECT payload ->> '$.reason' FROM events WHERE event_type = 'revision.quarantined' AND id > ?
      AND payload ->> '$.image_id' = ? ORDER BY id LIMIT 1`;
  return (sql(db, query).pluck().get(eventId, imageId) as string | undefined) ?? null;
}

function isFromChat(db: Database, requestId: number): boolean {
  return eventById(db, requestId)?.payload?.from === "chat";
}

/** Whether the shared file was put right after a worker of an accepted revision, since it was accepted. */
export function brokeTheState(db: Database, { eventId, imageId }: Accepted): boolean {
  const mended = [
    ...newestEvents(db, EventType.StateRepaired, MENDS, eventId),
    ...newestEvents(db, EventType.StateReplaced, MENDS, eventId),
  ];
  return mended.some(({ payload }) => payload.image_id === imageId);
}

/** What workers said of messages that they set aside, since a revision was accepted. */
export function setAsideSince(db: Database, { eventId }: Accepted): SetAsideClaim[] {
  return newestEvents(db, EventType.MessageSetAside, SET_ASIDE, eventId).map(({ timestamp: at, payload }) => ({
    exits: payload.exits,
    at,
  }));
}

/** Whether the worker that was stopped for an accepted revision had been polling. */
export function predecessorPolled(db: Database, accepted: Accepted): boolean {
  const query = `SELECT payload ->> '$.ready_seconds' IS NOT NULL FROM events
      WHERE event_type = 'worker.exited' AND id > ? AND payload ->> '$.image_id' <> ? ORDER BY id LIMIT 1`;
  return sql(db, query).pluck().get(accepted.eventId, accepted.imageId) === 1;
}
