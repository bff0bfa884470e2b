import type { Database } from "../../../shared/database.ts";
import { eventById } from "../../../shared/event-log.ts";
import { isMessage, messageOfEvent } from "../../../shared/message-reference.ts";

/** A message by its own number or by an event's; `other` is the message that the number could mean as well. */
export interface Found<Place> {
  readonly messageId: number;
  readonly place: Place;
  readonly other: number | null;
}

/** A message's own number goes before an event's: events outnumber messages, so a recent event's is nobody else's. */
export function findMessage<Place extends { readonly db: Database }>(
  places: readonly Place[],
  number: number,
  isEvent: boolean,
): Found<Place> | null {
  const holder = places.find(({ db }) => eventById(db, number) !== null);
  const ofEvent = holder ? messageOfEvent(holder.db, number) : null;
  const itself = isEvent ? undefined : places.find(({ db }) => isMessage(db, number));
  if (itself) return { messageId: number, place: itself, other: ofEvent === number ? null : ofEvent };
  const place = ofEvent === null ? undefined : places.find(({ db }) => isMessage(db, ofEvent));
  return ofEvent === null || !place ? null : { messageId: ofEvent, place, other: null };
}
