import { type Database, sql } from "../database.ts";
import { eventById, eventsAfter, type LoggedEvent } from "../event-log.ts";
import { knownEvent } from "../known-event.ts";
import { advance, outcomeOf, type RequestState } from "../request-outcome.ts";
import { quarantineReason } from "../state.ts";
import type { Answer } from "./answers.ts";
import { type OperatorRequestType, WISH_WORDS, type WishWord, wishWordOf } from "./request-file.ts";

const PAGE = 500;
/** A decision takes some dozens of events; what lies further on than this is about something else. */
const MOST_PAGES = 20;
/** Of more, the first accept the request, and the last decide it. */
const FIRST_TOLD = 100;
const LAST_TOLD = 400;

/**
 * What a log, the supervisor's own, says of a request in it. Null when the event is none.
 * @param eventId the request's id in the shared log, null while it has not arrived there
 */
export function answerFromLog(log: Database, requestId: number, eventId: number | null): Answer | null {
  const kind = wishIn(eventById(log, requestId));
  if (kind === null) return null;
  const isFollowed = kind === "deploy" || kind === "rollback";
  const events = isFollowed ? allAfter(log, requestId) : [];
  const { isDecided, accepted } = followed(requestId, events);
  const seconds = probationBefore(log, requestId);
  const quarantine = accepted && quarantineReason(log, accepted.imageId, accepted.eventId);
  return {
    requestId,
    eventId,
    kind,
    events:
      events.length > FIRST_TOLD + LAST_TOLD ? [...events.slice(0, FIRST_TOLD), ...events.slice(-LAST_TOLD)] : events,
    decided: !isFollowed || isDecided,
    ...(seconds === null ? {} : { lastProbationSeconds: seconds }),
    ...(quarantine ? { quarantinedBefore: quarantine } : {}),
  };
}

/** How many seconds the last probation took that was passed before an event, null before the first. */
function probationBefore(log: Database, eventId: number): number | null {
  const query = `SELECT payload ->> '$.evidence.ready_seconds' FROM events
      WHERE event_type = 'revision.promoted' AND id < ? ORDER BY id DESC LIMIT 1`;
  return (sql(log, query).pluck().get(eventId) as number | null | undefined) ?? null;
}

function allAfter(log: Database, requestId: number): LoggedEvent[] {
  const events: LoggedEvent[] = [];
  for (let page = 1; page <= MOST_PAGES; page++) {
    const found = eventsAfter(log, events.at(-1)?.id ?? requestId, PAGE);
    events.push(...found);
    if (found.length < PAGE) break;
  }
  return events;
}

function wishIn(event: LoggedEvent | null): WishWord | null {
  const word = event && wishWordOf(event.eventType as OperatorRequestType); // or something else, which is no word of these
  return WISH_WORDS.find((known) => known === word) ?? null;
}

interface Followed {
  readonly isDecided: boolean;
  /** The image that was accepted for it, and by which event. */
  readonly accepted: { readonly imageId: string; readonly eventId: number } | null;
}

function followed(requestId: number, events: readonly LoggedEvent[]): Followed {
  let state: RequestState = { kind: "asked", requestId };
  let accepted: Followed["accepted"] = null;
  for (const event of events) {
    state = advance(state, knownEvent(event));
    if (state.kind === "accepted") accepted ??= { imageId: state.imageId, eventId: event.id };
    if (outcomeOf(state, event === events.at(-1)) !== null) return { isDecided: true, accepted };
  }
  return { isDecided: false, accepted };
}
