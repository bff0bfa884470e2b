import { type Database, sql } from "./database.ts";

// The index's own condition, word for word, or SQLite would not use it.
const CHAT_FACTS = `event_type IN (
    'chat.paired', 'chat.unpaired', 'chat.refused', 'chat.paused', 'chat.resumed', 'chat.renewed', 'chat.parked',
    'chat.unparked', 'chat.migrated')`;

/** The query behind `renewedAfter`; a test looks at its plan. */
export const NEWEST_RENEWAL = `SELECT payload ->> '$.after_history_id' FROM events INDEXED BY chat_facts
    WHERE json_extract(payload, '$.chat_id') = ? AND event_type = 'chat.renewed' AND ${CHAT_FACTS}
    ORDER BY id DESC LIMIT 1`;

/** The newest row of history that is before a chat's present conversation; 0 when there never was another one. */
export function renewedAfter(db: Database, chatId: number): number {
  return Number(sql(db, NEWEST_RENEWAL).pluck().get(chatId) ?? 0);
}
