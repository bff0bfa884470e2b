import { type Database, sql } from "../../../../shared/database.ts";
import { type Entity, type InlineKeyboard, type Message, personIn, privateChat, type User } from "./bot-objects.ts";

export interface NewMessage {
  readonly chatId: number;
  readonly sender: "person" | "bot";
  readonly text: string;
  readonly entities: readonly Entity[];
  readonly keyboard: InlineKeyboard | null;
  readonly replyTo: number | null;
  /** Unix seconds. */
  readonly date: number;
}

export interface StoredMessage extends Omit<NewMessage, "date"> {
  readonly messageId: number;
  readonly changeId: number;
  readonly date: number;
  readonly editDate: number | null;
}

const NEXT_CHANGE = "(SELECT COALESCE(MAX(change_id), 0) + 1 FROM messages)";

/** Returns the id, which grows within its chat. */
export function addMessage(db: Database, message: NewMessage): number {
  const { chatId, sender, text, entities, keyboard, replyTo, date } = message;
  const next = sql(db, "SELECT COALESCE(MAX(message_id), 0) + 1 FROM messages WHERE chat_id = ?").pluck();
  const messageId = Number(next.get(chatId));
  sql(
    db,
    `INSERT INTO messages (chat_id, message_id, sender, date, text, entities, keyboard, reply_to, change_id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ${NEXT_CHANGE})`,
  ).run(chatId, messageId, sender, date, text, JSON.stringify(entities), jsonOrNull(keyboard), replyTo);
  return messageId;
}

export interface Edit extends Pick<NewMessage, "text" | "entities" | "keyboard"> {
  readonly editDate: number;
}

export function editMessage(db: Database, chatId: number, messageId: number, edit: Edit): void {
  sql(
    db,
    `UPDATE messages SET text = ?, entities = ?, keyboard = ?, edit_date = ?, change_id = ${NEXT_CHANGE}
     WHERE chat_id = ? AND message_id = ?`,
  ).run(edit.text, JSON.stringify(edit.entities), jsonOrNull(edit.keyboard), edit.editDate, chatId, messageId);
}

/**
 * A deleted message keeps its row, without its text: so neither its id nor that of its change is given again, and who
 * follows the chat learns of it. No other message is without a text.
 */
export function deleteMessage(db: Database, chatId: number, messageId: number): void {
  sql(
    db,
    `UPDATE messages SET text = '', entities = '[]', keyboard = NULL, change_id = ${NEXT_CHANGE}
     WHERE chat_id = ? AND message_id = ?`,
  ).run(chatId, messageId);
}

const IS_THERE = "text <> ''";

const COLUMNS = `chat_id AS chatId, message_id AS messageId, sender, date, edit_date AS editDate, text, entities,
  keyboard, reply_to AS replyTo, change_id AS changeId`;

export function messageById(db: Database, chatId: number, messageId: number): StoredMessage | null {
  const row = sql(db, `SELECT ${COLUMNS} FROM messages WHERE chat_id = ? AND message_id = ? AND ${IS_THERE}`).get(
    chatId,
    messageId,
  );
  return row === undefined ? null : fromRow(row);
}

/** The oldest `limit` messages after an id, oldest first. */
export function messagesAfter(db: Database, chatId: number, after: number, limit: number): StoredMessage[] {
  const query = `SELECT ${COLUMNS} FROM messages WHERE chat_id = ? AND message_id > ? AND ${IS_THERE}
     ORDER BY message_id LIMIT ?`;
  return sql(db, query).all(chatId, after, limit).map(fromRow);
}

/** The newest `limit` messages before an id, oldest first. */
export function messagesBefore(db: Database, chatId: number, before: number, limit: number): StoredMessage[] {
  const query = `SELECT ${COLUMNS} FROM messages WHERE chat_id = ? AND message_id < ? AND ${IS_THERE}
     ORDER BY message_id DESC LIMIT ?`;
  return sql(db, query).all(chatId, before, limit).map(fromRow).reverse();
}

/** What was added, edited or deleted after a change, in the order it happened. Each message comes once, as it is now. */
export function changesAfter(db: Database, chatId: number, changeId: number, limit: number): StoredMessage[] {
  const query = `SELECT ${COLUMNS} FROM messages WHERE chat_id = ? AND change_id > ? ORDER BY change_id LIMIT ?`;
  return sql(db, query).all(chatId, changeId, limit).map(fromRow);
}

export function isDeleted({ text }: StoredMessage): boolean {
  return text === "";
}

/** The newest change over all chats, or 0. */
export function newestChange(db: Database): number {
  return Number(sql(db, "SELECT COALESCE(MAX(change_id), 0) FROM messages").pluck().get());
}

/** The message as Telegram shows it. A message replied to is shown without the one that it replied to. */
export function toMessage(db: Database, stored: StoredMessage, bot: User): Message {
  const repliedTo = stored.replyTo === null ? null : messageById(db, stored.chatId, stored.replyTo);
  return {
    message_id: stored.messageId,
    from: stored.sender === "bot" ? bot : personIn(stored.chatId),
    chat: privateChat(stored.chatId),
    date: stored.date,
    ...(stored.editDate === null ? {} : { edit_date: stored.editDate }),
    ...(repliedTo ? { reply_to_message: toMessage(db, { ...repliedTo, replyTo: null }, bot) } : {}),
    text: stored.text,
    ...(stored.entities.length > 0 ? { entities: stored.entities } : {}),
    ...(stored.keyboard ? { reply_markup: stored.keyboard } : {}),
  };
}

interface MessageRow extends Omit<StoredMessage, "entities" | "keyboard"> {
  readonly entities: string;
  readonly keyboard: string | null;
}

function fromRow(row: unknown): StoredMessage {
  const { entities, keyboard, ...message } = row as MessageRow; // the columns above, and the table is STRICT
  return { ...message, entities: JSON.parse(entities), keyboard: keyboard === null ? null : JSON.parse(keyboard) };
}

function jsonOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}
