import { type Database, sql } from "../../../../shared/database.ts";

export interface ChatSummary {
  readonly chat_id: number;
  /** The first message, or null while there is none. */
  readonly title: string | null;
  readonly last_text: string | null;
  /** Unix seconds of the newest message, or of the chat while there is none. */
  readonly last_date: number;
}

/** Enough to recognise a chat by; a list of them stays small however long the messages are. */
const PREVIEW_CHARACTERS = 120;

/** @param now Unix seconds */
export function createChat(db: Database, now: number): number {
  return Number(sql(db, "INSERT INTO chats (created_at) VALUES (?)").run(now).lastInsertRowid);
}

export function chatExists(db: Database, chatId: number): boolean {
  return sql(db, "SELECT 1 FROM chats WHERE chat_id = ?").get(chatId) !== undefined;
}

/** Every chat, the one with the newest message first. */
export function listChats(db: Database): ChatSummary[] {
  return sql(
    db,
    `SELECT chats.chat_id,
            (SELECT substr(text, 1, ${PREVIEW_CHARACTERS}) FROM messages
             WHERE messages.chat_id = chats.chat_id AND text <> '' ORDER BY message_id LIMIT 1) AS title,
            substr(newest.text, 1, ${PREVIEW_CHARACTERS}) AS last_text,
            COALESCE(newest.date, chats.created_at) AS last_date
     FROM chats LEFT JOIN messages AS newest ON newest.chat_id = chats.chat_id
       AND newest.message_id = (SELECT MAX(message_id) FROM messages WHERE messages.chat_id = chats.chat_id AND text <> '')
     ORDER BY last_date DESC, chats.chat_id DESC`,
  ).all() as ChatSummary[]; // the columns above, and both tables are STRICT
}
