import { type Database, sql } from "../../shared/database.ts";
import { newestEvent, newestEvents } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import type { Accepted } from "../../shared/state.ts";
import type { Incident } from "./revisions.ts";

/** More rollbacks than any budget, so that it is seen to be used up. */
const ROLLBACKS = 10;

/** The incident since the newest probation that was passed, or since somebody chose what to run, from the log. */
export function incidentSoFar(db: Database): Incident {
  const promoted = newestEvent(db, EventType.RevisionPromoted)?.id ?? 0;
  const deployed = newestEvent(db, EventType.DeployStarted)?.id ?? 0;
  const byHand = newestEvents(db, EventType.RollbackStarted, ROLLBACKS).find(
    ({ payload }) => payload.request_id !== null,
  );
  const since = Math.max(promoted, deployed, byHand?.id ?? 0);
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

/** Whether the worker that was stopped for an accepted revision had been polling. */
export function predecessorPolled(db: Database, accepted: Accepted): boolean {
  const query = `SELECT payload ->> '$.ready_seconds' IS NOT NULL FROM events
      WHERE event_type = 'worker.exited' AND id > ? AND payload ->> '$.image_id' <> ? ORDER BY id LIMIT 1`;
  return sql(db, query).pluck().get(accepted.eventId, accepted.imageId) === 1;
}
