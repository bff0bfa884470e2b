import { type Database, sql } from "./database.ts";
import { newestEvent } from "./event-log.ts";
import { EventType } from "./event-types.ts";
import { type Before, NOTHING_BEFORE } from "./history.ts";

/** What holds for a chat: each state is the newest of two events, found through one index. */

type ChatFact =
  | "chat.paired"
  | "chat.unpaired"
  | "chat.refused"
  | "chat.paused"
  | "chat.resumed"
  | "chat.renewed"
  | "chat.parked"
  | "chat.unparked"
  | "chat.migrated";

// The partial index's own condition, word for word, or SQLite would not use it.
const FACTS = `event_type IN (
    'chat.paired', 'chat.unpaired', 'chat.refused', 'chat.paused', 'chat.resumed', 'chat.renewed', 'chat.parked',
    'chat.unparked', 'chat.migrated')`;

// The plus keeps the column from changing how the index compares (https://sqlite.org/datatype3.html, 3.2 Affinity).
const factsOf = (alias: string, chat: string, fact: ChatFact) =>
  `FROM events ${alias} INDEXED BY chat_facts WHERE ${alias}.${FACTS} AND ${alias}.event_type = '${fact}'
      AND json_extract(${alias}.payload, '$.chat_id') = +${chat}`;

const lastWordIs = (chat: string, fact: ChatFact, opposite: ChatFact) =>
  `EXISTS (SELECT 1 ${factsOf("f", chat, fact)}
              AND f.id > COALESCE((SELECT max(g.id) ${factsOf("g", chat, opposite)}), 0))`;

const PAUSED = (chat: string) => lastWordIs(chat, "chat.paused", "chat.resumed");
/** As SQL: nothing can be sent to it. */
export const PARKED = (chat: string) => lastWordIs(chat, "chat.parked", "chat.unparked");

/** As SQL: the messages of a chat are kept and not answered, as long as it is paused or parked. */
export const HELD = (chat: string) => `(${PAUSED(chat)} OR ${PARKED(chat)})`;

const IS_PAUSED = `SELECT ${PAUSED("@chatId")}`;
const IS_PARKED = `SELECT ${PARKED("@chatId")}`;

/** Its people asked that nothing be answered for now. */
export function isPaused(db: Database, chatId: number): boolean {
  return sql(db, IS_PAUSED).pluck().get({ chatId }) === 1;
}

/** Telegram does not let the bot write there. */
export function isParked(db: Database, chatId: number): boolean {
  return sql(db, IS_PARKED).pluck().get({ chatId }) === 1;
}

/** Whether a stranger's chat was told that this bot is private. */
export function wasRefused(db: Database, chatId: number): boolean {
  return sql(db, `SELECT 1 ${factsOf("f", "@chatId", "chat.refused")} LIMIT 1`).get({ chatId }) !== undefined;
}

/** The query behind `conversationBefore`; a test looks at its plan. */
export const NEWEST_RENEWAL = `SELECT f.payload ->> '$.after_history_id' AS historyId,
    COALESCE(f.payload ->> '$.after_task_id', 0) AS taskId ${factsOf("f", "@chatId", "chat.renewed")}
    ORDER BY f.id DESC LIMIT 1`;

/** What is before a chat's present conversation; zeros when there never was another one. */
export function conversationBefore(db: Database, chatId: number): Before {
  return (sql(db, NEWEST_RENEWAL).get({ chatId }) as Before | undefined) ?? NOTHING_BEFORE;
}

/** The chat that gave the pairing code and is the owner's, or null. */
export function pairedChat(db: Database): number | null {
  const paired = newestEvent(db, EventType.ChatPaired);
  const unpairedAt = newestEvent(db, EventType.ChatUnpaired)?.id ?? 0;
  return paired && paired.id > unpairedAt ? paired.payload.chat_id : null;
}

/** The group that became this supergroup, or null. */
export function migratedFrom(db: Database, chatId: number): number | null {
  const query = `SELECT payload ->> '$.chat_id' FROM events WHERE event_type = 'chat.migrated'
      AND payload ->> '$.to_chat_id' = ? ORDER BY id DESC LIMIT 1`;
  return (sql(db, query).pluck().get(chatId) as number | undefined) ?? null;
}

/** The chat that this one is by now: itself, or the supergroup that the group became. */
export function presentChat(db: Database, chatId: number): number {
  const query = `SELECT payload ->> '$.to_chat_id' FROM events WHERE event_type = 'chat.migrated'
      AND payload ->> '$.chat_id' = ? ORDER BY id DESC LIMIT 1`;
  return (sql(db, query).pluck().get(chatId) as number | undefined) ?? chatId;
}
