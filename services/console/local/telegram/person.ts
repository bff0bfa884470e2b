import type { Clock } from "../../../../shared/clock.ts";
import { type Database, inTransaction, sql } from "../../../../shared/database.ts";
import type { Bell } from "./bell.ts";
import { personIn, type User } from "./bot-objects.ts";
import { createChat } from "./chats.ts";
import { plainText } from "./formatted-text.ts";
import { addMessage, messageById, toMessage } from "./messages.ts";
import { queueUpdate } from "./updates.ts";

/** What a person does in a chat with the bot: each act is stored together with the update that tells the bot of it. */
export interface Person {
  startChat(): number;
  /**
   * The text is one that Telegram takes, in a chat that exists; `replyTo` is a message there, if it is there still.
   * `update_id` is null when the bot allows no messages.
   */
  send(
    chatId: number,
    text: string,
    replyTo?: number | null,
  ): { readonly message_id: number; readonly update_id: number | null };
  press(chatId: number, messageId: number, data: string): Pressed;
}

export type Pressed =
  | { readonly kind: "queued"; readonly update_id: number | null }
  | { readonly kind: "no such button" };

interface Ports {
  readonly db: Database;
  readonly clock: Clock;
  /** Rung for every update queued. */
  readonly arrivals: Bell;
  /** Rung for every message sent. */
  readonly changed: Bell;
}

export function createPerson({ db, clock, arrivals, changed }: Ports, bot: User): Person {
  const seconds = () => Math.floor(clock.now() / 1000);
  return {
    startChat() {
      const chatId = createChat(db, seconds());
      changed.ring();
      return chatId;
    },

    send(chatId, text, replyTo = null) {
      const answered = replyTo === null ? null : (messageById(db, chatId, replyTo)?.messageId ?? null);
      const message = { ...plainText(text), chatId, keyboard: null, replyTo: answered, date: seconds() };
      const sent = inTransaction(db, () => {
        const messageId = addMessage(db, { ...message, sender: "person" });
        const stored = messageById(db, chatId, messageId);
        const updateId = stored && queueUpdate(db, "message", toMessage(db, stored, bot));
        return { message_id: messageId, update_id: updateId };
      });
      arrivals.ring();
      changed.ring();
      return sent;
    },

    press(chatId, messageId, data) {
      const stored = messageById(db, chatId, messageId);
      const buttons = stored?.keyboard?.inline_keyboard.flat() ?? [];
      if (!stored || !buttons.some((button) => button.callback_data === data)) return { kind: "no such button" };
      const updateId = inTransaction(db, () => {
        const insert = sql(db, "INSERT INTO callback_queries (chat_id, created_at) VALUES (?, ?)");
        const id = String(insert.run(chatId, seconds()).lastInsertRowid);
        const message = toMessage(db, stored, bot);
        const query = { id, from: personIn(chatId), message, chat_instance: String(chatId), data };
        return queueUpdate(db, "callback_query", query);
      });
      arrivals.ring();
      return { kind: "queued", update_id: updateId };
    },
  };
}
