import { type Database, sql } from "./database.ts";

/**
 * What was said in a chat, as the model is shown it again. Here, unlike in events, it can be erased. A `tool` row is
 * the JSON of a tool's call or of its output: the record of an attempt, which may not have come to an end.
 */
export interface Said {
  readonly role: "user" | "assistant" | "tool";
  readonly text: string;
}

/** Appends to a chat's history and returns the row's id; `inboxId` is the message that this belongs to. */
export function remember(db: Database, chatId: number, inboxId: number, said: Said): number {
  const insert = "INSERT INTO history (chat_id, inbox_id, role, text) VALUES (?, ?, ?, ?)";
  return Number(sql(db, insert).run(chatId, inboxId, said.role, said.text).lastInsertRowid);
}

/** What a person or the model said. */
export interface Spoken extends Said {
  readonly role: "user" | "assistant";
}

/** What a conversation leaves out: rows of history up to this one, and what was asked up to this message, whenever answered. */
export interface Before {
  readonly historyId: number;
  readonly taskId: number;
}

export const NOTHING_BEFORE: Before = { historyId: 0, taskId: 0 };

/** The newest `limit` things that were said in a chat's conversation, oldest first. */
export function recentHistory(db: Database, chatId: number, limit: number, before = NOTHING_BEFORE): Spoken[] {
  const query = `SELECT role, text FROM history WHERE chat_id = +@chatId AND id > +@historyId AND role <> 'tool'
       AND (inbox_id IS NULL OR inbox_id > @taskId) ORDER BY id DESC LIMIT @limit + 0`;
  return (sql(db, query).all({ chatId, limit, ...before }) as Spoken[]).reverse();
}

/** The reply that was stored for a message, or null. */
export function storedReply(db: Database, inboxId: number): string | null {
  const query = "SELECT text FROM history WHERE inbox_id = ? AND role = 'assistant' ORDER BY id DESC LIMIT 1";
  return (sql(db, query).pluck().get(inboxId) as string | undefined) ?? null;
}
