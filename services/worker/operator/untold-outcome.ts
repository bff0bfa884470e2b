import { isParked } from "../../../shared/chat-state.ts";
import { type Database, sql } from "../../../shared/database.ts";
import { eventById } from "../../../shared/event-log.ts";
import { knownEvent } from "../../../shared/known-event.ts";
import {
  advance,
  type Outcome,
  outcomeOf,
  type RequestKind,
  type RequestState,
} from "../../../shared/request-outcome.ts";

/** What became of a wish that was uttered in a chat, where nobody has been told of it. */
export interface UntoldOutcome {
  readonly requestId: number;
  readonly kind: RequestKind;
  readonly chatId: number;
  readonly outcome: Outcome;
}

/** Of these alone depends what becomes of a request. */
const DECIDING = `('deploy.started', 'deploy.rejected', 'deploy.failed', 'rollback.started', 'rollback.rejected',
    'rollback.attempted', 'revision.promoted', 'supervisor.halted')`;

/**
 * The oldest that is decided, and whose chat lets the bot write there; or null.
 *
 * @param refused requests whose outcome Telegram does not take
 */
export function untoldOutcome(db: Database, refused: ReadonlySet<number> = new Set()): UntoldOutcome | null {
  const requests = sql(
    db,
    `SELECT r.id AS requestId, CASE r.event_type WHEN 'deploy.requested' THEN 'deploy' ELSE 'rollback' END AS kind,
            CAST(r.payload ->> '$.by' AS INTEGER) AS chatId
       FROM events r WHERE r.event_type IN ('deploy.requested', 'rollback.requested') AND r.payload ->> '$.from' = 'chat'
        AND NOT EXISTS (SELECT 1 FROM events t WHERE t.event_type = 'operator.told' AND t.payload ->> '$.about' = r.id)
      ORDER BY r.id`,
  ).all() as Omit<UntoldOutcome, "outcome">[];
  for (const request of requests) {
    if (refused.has(request.requestId) || isParked(db, request.chatId)) continue;
    const outcome = becameOf(db, request.requestId);
    if (outcome) return { ...request, outcome };
  }
  return null;
}

function becameOf(db: Database, requestId: number): Outcome | null {
  const query = `SELECT id FROM events WHERE event_type IN ${DECIDING} AND id > ? ORDER BY id`;
  let state: RequestState = { kind: "asked", requestId };
  for (const id of sql(db, query).pluck().all(requestId) as number[]) {
    const event = eventById(db, id);
    if (event) state = advance(state, knownEvent(event));
    const outcome = outcomeOf(state, false);
    if (outcome) return outcome;
  }
  return outcomeOf(state, true);
}
