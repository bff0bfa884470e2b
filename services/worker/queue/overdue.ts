import { HELD } from "../../../shared/chat-state.ts";
import { type Database, sql } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import type { Logger } from "../../../shared/logging.ts";

export const LOOK_FOR_OVERDUE_EVERY_MS = 60_000;

/** A provider's hint may put off each retry for so long. */
const LONGEST_DELAY_MS = 10 * 60_000;
/** For the delivery, and for others that were in hand. */
const SLACK_MS = 60_000;

/** How long a message may stay open: as long as every attempt at it may take, and every pause between them. */
export function overdueAfterMs(longestAttemptMs: number, maxRetries: number): number {
  return (maxRetries + 1) * longestAttemptMs + maxRetries * LONGEST_DELAY_MS + SLACK_MS;
}

/** Its time began when it was accepted, or tried anew, or when its chat was last let go on. */
export const OVERDUE = `
  SELECT * FROM (
    SELECT i.id, i.status, max(i.created_at,
             COALESCE((SELECT max(timestamp) FROM events WHERE event_type = 'message.retried'
                          AND payload ->> '$.task_id' = i.id), 0),
             COALESCE((SELECT max(timestamp) FROM events WHERE event_type IN ('chat.resumed', 'chat.unparked')
                          AND payload ->> '$.chat_id' = i.chat_id), 0)) AS since
      FROM inbox i INDEXED BY inbox_open
     WHERE i.status IN ('queued', 'in_progress', 'replying') AND i.created_at <= @before
       AND NOT ${HELD("i.chat_id")}
       AND NOT EXISTS (SELECT 1 FROM events WHERE event_type = 'message.overdue' AND payload ->> '$.task_id' = i.id))
   WHERE since <= @before`;

/** Reports each message that should have ended by now, once. */
export function reportOverdue(
  { db, log }: { readonly db: Database; readonly log: Logger },
  processId: number,
  { now, afterMs }: { readonly now: number; readonly afterMs: number },
): void {
  const rows = sql(db, OVERDUE).all({ before: now - afterMs }) as { id: number; status: string; since: number }[];
  for (const { id, status, since } of rows) {
    const payload = { task_id: id, age_seconds: Math.round((now - since) / 1000), status };
    const eventId = logEvent(db, processId, EventType.MessageOverdue, payload);
    log.error({ event_id: eventId, ...payload }, EventType.MessageOverdue);
  }
}
