import type { LoggedEvent, TypedEvent } from "./event-log.ts";
import type { EventType } from "./event-types.ts";

/** An event whose payload follows from its type, for a `switch` over the type. */
export type KnownEvent = { [T in EventType]: TypedEvent<T> }[EventType];

/** What was stored by logEvent has the payload of its type; a type that this program does not know meets no case. */
export function knownEvent(event: LoggedEvent): KnownEvent {
  return event as unknown as KnownEvent;
}
