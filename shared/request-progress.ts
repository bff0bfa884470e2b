import type { Database } from "./database.ts";
import { eventById, eventsAfter, type LoggedEvent } from "./event-log.ts";
import { EventType } from "./event-types.ts";
import { knownEvent } from "./known-event.ts";
import { advance, type Outcome, outcomeOf, type RequestKind, type RequestState } from "./request-outcome.ts";

/** How far a deploy or rollback has come that somebody asked for. `outcome` is null while there is none. */
export interface RequestProgress {
  readonly kind: RequestKind;
  readonly state: RequestState;
  readonly outcome: Outcome | null;
}

const PAGE = 100;
/** A decision takes minutes: what lies further on in the log than this is about something else. */
const MOST_PAGES = 100;

/** Null when the event is no such request. */
export function requestProgress(db: Database, requestId: number): RequestProgress | null {
  const asked = eventById(db, requestId)?.eventType;
  if (asked !== EventType.DeployRequested && asked !== EventType.RollbackRequested) return null;
  const kind = asked === EventType.DeployRequested ? "deploy" : "rollback";
  let state: RequestState = { kind: "asked", requestId };
  let last = requestId;
  for (let page = 1; page <= MOST_PAGES; page++) {
    const events = eventsAfter(db, last, PAGE);
    for (const event of events) {
      state = advance(state, knownEvent(event));
      last = event.id;
      const outcome = outcomeOf(state, false);
      if (outcome) return { kind, state, outcome };
    }
    if (events.length < PAGE) return { kind, state, outcome: outcomeOf(state, true) };
  }
  return { kind, state, outcome: null };
}

/** The same from all that has happened since the request, oldest first. */
export function progressFrom(
  { kind, requestId }: { readonly kind: RequestKind; readonly requestId: number },
  events: readonly LoggedEvent[],
): RequestProgress {
  let state: RequestState = { kind: "asked", requestId };
  for (const event of events) state = advance(state, knownEvent(event));
  return { kind, state, outcome: outcomeOf(state, true) };
}
