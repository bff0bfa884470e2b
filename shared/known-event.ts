import type { LoggedEvent, TypedEvent } from "./event-log.ts";
import type { EventType } from "./event-types.ts";
import { fitsItsType, isKnownType } from "./payloads/fits-its-type.ts";

/** An event whose payload follows from its type, for a `switch` over the type. */
export type KnownEvent = { [T in EventType]: TypedEvent<T> }[EventType];

/** What does not have the payload of its type meets no case, as a type that this program does not know. */
export function knownEvent(event: LoggedEvent): KnownEvent {
  const { eventType, payload } = event;
  const isKnown = isKnownType(eventType) && fitsItsType(eventType, payload);
  return (isKnown ? event : { ...event, eventType: "" }) as unknown as KnownEvent; // its payload was looked at
}
