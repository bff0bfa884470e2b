import { type Database, sql } from "./database.ts";
import type { LoggedEvent } from "./event-log.ts";

/** A message that a worker has in hand. Times are Unix milliseconds. */
export interface RunningAttempt {
  readonly taskId: number;
  readonly chatId: number | null;
  readonly since: number;
  /** Its `agent.started`, and the newest event right under that; null in the moment before there is one. */
  readonly eventId: number | null;
  readonly newest: Pick<LoggedEvent, "id" | "timestamp" | "eventType"> | null;
  /** How often the model was asked, and which. */
  readonly turns: number;
  readonly model: string | null;
}

/** A worker has no more in hand than it answers chats at once. */
const MOST_RUNNING = 200;

// The plus keeps the column from changing how the index compares (https://sqlite.org/datatype3.html, 3.2 Affinity).
export const IN_HAND = `
  SELECT i.id AS taskId, i.chat_id AS chatId, i.locked_at AS since,
         (SELECT max(a.id) FROM events a
           WHERE a.event_type = 'agent.started' AND json_extract(a.payload, '$.task_id') = +i.id) AS eventId
    FROM inbox i INDEXED BY inbox_in_hand WHERE i.locked_by IS NOT NULL ORDER BY i.locked_at, i.id LIMIT ${MOST_RUNNING}`;

const UNDER = `SELECT id, timestamp, event_type AS eventType, payload ->> '$.model' AS model
    FROM events WHERE parent_id = ? ORDER BY id`;

/** What is worked on now, the oldest first. */
export function runningAttempts(db: Database): RunningAttempt[] {
  return (sql(db, IN_HAND).all() as InHand[]).map((inHand) => ({ ...inHand, ...progressOf(db, inHand) }));
}

type InHand = Pick<RunningAttempt, "taskId" | "chatId" | "since" | "eventId">;
type Step = NonNullable<RunningAttempt["newest"]> & { readonly model: string | null };

function progressOf(db: Database, { eventId }: InHand): Pick<RunningAttempt, "newest" | "turns" | "model"> {
  const steps = eventId === null ? [] : (sql(db, UNDER).all(eventId) as Step[]);
  const turns = steps.filter(({ eventType }) => eventType === "turn.started");
  const last = steps.at(-1);
  return {
    newest: last ? { id: last.id, timestamp: last.timestamp, eventType: last.eventType } : null,
    turns: turns.length,
    model: turns.at(-1)?.model ?? null,
  };
}
