import { type Database, sql } from "./database.ts";
import { eventById } from "./event-log.ts";

/** The message that an event is about: any part of an attempt's tree, or what names it; null for any other event. */
export function messageOfEvent(db: Database, eventId: number): number | null {
  // What an event belongs to comes before it: whoever says otherwise would lead in a circle.
  for (
    let event = eventById(db, eventId);
    event;
    event = event.parentId === null || event.parentId >= event.id ? null : eventById(db, event.parentId)
  ) {
    if (typeof event.payload?.task_id === "number") return event.payload.task_id;
  }
  return null;
}

export function isMessage(db: Database, id: number): boolean {
  return sql(db, "SELECT 1 FROM inbox WHERE id = ?").get(id) !== undefined;
}
