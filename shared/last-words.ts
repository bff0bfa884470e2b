import { type Database, sql } from "./database.ts";
import { firstEventIdSince } from "./event-log.ts";
import type { EventPayloads } from "./event-types.ts";
import { fitsItsType } from "./payloads/fits-its-type.ts";
import type { ExitClass } from "./payloads/supervisor-payloads.ts";
import type { RevisionTurn } from "./revision-history.ts";
import { IS_BOUNDED, readPayload } from "./stored-payload.ts";

/** How the worker ended that spoke against a revision. */
export interface LastWords {
  readonly eventId: number;
  readonly class: string;
  readonly exitCode: number | null;
  readonly error: string | null;
  /** The last lines of its log, oldest first. */
  readonly lines: readonly string[];
}

/** A worker that was stopped or removed has nothing to explain. */
const UNEXPLAINED: ReadonlySet<ExitClass> = new Set(["asked", "stopped from outside", "removed", "host went away"]);
const MOST_LAST_WORDS = 5;

/** What an exit says of its reason, in a few lines; none when there is nothing to explain. */
export function lastWordsIn(exit: EventPayloads["worker.exited"]): readonly string[] {
  if (UNEXPLAINED.has(exit.class)) return [];
  return exit.error === null ? exit.log_tail.slice(-MOST_LAST_WORDS) : [exit.error];
}

/** The query behind `lastWordsOf`; a test looks at its plan. */
export const NEWEST_EXIT_OF = `SELECT id, payload FROM events
  WHERE event_type = 'worker.exited' AND ${IS_BOUNDED} AND id > @after AND id < @before
    AND payload ->> '$.image_id' = @imageId AND payload ->> '$.class' <> 'asked' ORDER BY id DESC LIMIT 1`;

/** Of a turn that went bad: its worker's last exit before that. Null when no worker of it had ended. */
export function lastWordsOf(db: Database, { eventId, imageId, outcome }: RevisionTurn): LastWords | null {
  if (imageId === null) return null;
  const before = firstEventIdSince(db, outcome.at + 1);
  const row = sql(db, NEWEST_EXIT_OF).get({ after: eventId, before, imageId }) as
    | { id: number; payload: string }
    | undefined;
  const payload = row ? readPayload(row.payload) : null;
  if (!row || !fitsItsType("worker.exited", payload)) return null;
  return {
    eventId: row.id,
    class: payload.class,
    exitCode: payload.exit_code,
    error: payload.error,
    lines: payload.log_tail,
  };
}
