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

/** The newest `limit` things that were said in a chat after a row of its history, oldest first. */
export function recentHistory(db: Database, chatId: number, limit: number, afterId = 0): Spoken[] {
  const query = `SELECT role, text FROM history WHERE chat_id = +? AND id > +? AND role <> 'tool'
      ORDER BY id DESC LIMIT ? + 0`;
  return (sql(db, query).all(chatId, afterId, limit) as Spoken[]).reverse();
}

/** The reply that was stored for a message, or null. */
export function storedReply(db: Database, inboxId: number): string | null {
  const query = "SELECT text FROM history WHERE inbox_id = ? AND role = 'assistant' ORDER BY id DESC LIMIT 1";
  return (sql(db, query).pluck().get(inboxId) as string | undefined) ?? null;
}
