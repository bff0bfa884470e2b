import type { Clock } from "../../../shared/clock.ts";
import { type Database, sql } from "../../../shared/database.ts";
import { followEvents } from "../../../shared/follow.ts";
import { type KnownEvent, knownEvent } from "../../../shared/known-event.ts";
import { advance, type Outcome, outcomeOf, type RequestState } from "../../../shared/request-outcome.ts";

/** A supervisor answers within its look at the engine, well under a second; it may also be busy. */
const ANSWER_EXPECTED_MS = 5_000;

export interface RequestFollower {
  readonly db: Database;
  readonly clock: Clock;
  onEvent(state: RequestState, event: KnownEvent): Promise<void>;
  /** Called once if no answer came within the time one usually takes. */
  onSilence(): void;
}

/** Follows a request until it is decided; null when `signal` aborts before. The request goes on without a follower. */
export async function followRequest(
  follower: RequestFollower,
  requestId: number,
  signal: AbortSignal,
): Promise<Outcome | null> {
  const { db, onEvent } = follower;
  const answered = new AbortController();
  void noticeSilence(follower, AbortSignal.any([signal, answered.signal]));
  let state: RequestState = { kind: "asked", requestId };
  try {
    for await (const stored of followEvents(db, requestId, signal)) {
      const event = knownEvent(stored);
      state = advance(state, event);
      if (state.kind !== "asked") answered.abort();
      await onEvent(state, event);
      const outcome = outcomeOf(state, event.id === newestEventId(db));
      if (outcome) return outcome;
    }
    return null;
  } finally {
    answered.abort();
  }
}

async function noticeSilence({ clock, onSilence }: RequestFollower, answered: AbortSignal): Promise<void> {
  await clock.sleep(ANSWER_EXPECTED_MS, answered);
  if (!answered.aborted) onSilence();
}

function newestEventId(db: Database): number {
  return Number(sql(db, "SELECT max(id) FROM events").pluck().get());
}
