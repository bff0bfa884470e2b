import type { Database } from "../../../shared/database.ts";
import { isMessage, messageOfEvent } from "../../../shared/message-reference.ts";

/** A message by its own number or by an event's; `other` is the message that the number could mean as well. */
export interface Found {
  readonly messageId: number;
  readonly other: number | null;
}

/** A message's own number goes before an event's: events outnumber messages, so a recent event's is nobody else's. */
export function findMessage(db: Database, number: number, isEvent: boolean): Found | null {
  const ofEvent = messageOfEvent(db, number);
  if (!isEvent && isMessage(db, number)) return { messageId: number, other: ofEvent === number ? null : ofEvent };
  return ofEvent !== null && isMessage(db, ofEvent) ? { messageId: ofEvent, other: null } : null;
}
