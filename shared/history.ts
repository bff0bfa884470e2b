import { type Database, sql } from "./database.ts";

/** What was said in a chat, as the model is shown it again. Here, unlike in events, it can be erased. */
export interface Said {
  readonly role: "user" | "assistant" | "tool";
  readonly text: string;
}

/** Appends to a chat's history; `inboxId` is the message that this belongs to. */
export function remember(db: Database, chatId: number, inboxId: number, said: Said): void {
  const insert = "INSERT INTO history (chat_id, inbox_id, role, text) VALUES (?, ?, ?, ?)";
  sql(db, insert).run(chatId, inboxId, said.role, said.text);
}

/** The newest `limit` entries of a chat, oldest first. */
export function recentHistory(db: Database, chatId: number, limit: number): Said[] {
  const query = "SELECT role, text FROM history WHERE chat_id = ? ORDER BY id DESC LIMIT ?";
  return (sql(db, query).all(chatId, limit) as Said[]).reverse();
}

/** The reply that was stored for a message, or null. */
export function storedReply(db: Database, inboxId: number): string | null {
  const query = "SELECT text FROM history WHERE inbox_id = ? AND role = 'assistant' ORDER BY id DESC LIMIT 1";
  return (sql(db, query).pluck().get(inboxId) as string | undefined) ?? null;
}
