/** The objects of the Bot API as they go over the wire (https://core.telegram.org/bots/api#available-types). */

export interface User {
  readonly id: number;
  readonly is_bot: boolean;
  readonly first_name: string;
  readonly username?: string;
  readonly language_code?: string;
}

export interface Entity {
  readonly type: string;
  /** In UTF-16 units, as all of Telegram's offsets are. */
  readonly offset: number;
  readonly length: number;
  readonly url?: string | undefined;
  readonly language?: string | undefined;
}

export interface Button {
  readonly text: string;
  readonly callback_data?: string | undefined;
  readonly url?: string | undefined;
}

export interface InlineKeyboard {
  readonly inline_keyboard: readonly (readonly Button[])[];
}

export interface Message {
  readonly message_id: number;
  readonly from: User;
  readonly chat: { readonly id: number; readonly type: "private"; readonly first_name: string };
  /** Unix seconds. */
  readonly date: number;
  readonly edit_date?: number;
  readonly text: string;
  readonly entities?: readonly Entity[];
  readonly reply_markup?: InlineKeyboard;
  readonly reply_to_message?: Message;
}

/** A private chat has the id and the name of its person. */
const PERSON = { first_name: "Guest" } as const;

export function botUser(token: string): User {
  return { id: Number.parseInt(token, 10), is_bot: true, first_name: "Local agent", username: "local_agent_bot" };
}

export function personIn(chatId: number): User {
  return { id: chatId, is_bot: false, ...PERSON, language_code: "en" };
}

export function privateChat(chatId: number): Message["chat"] {
  return { id: chatId, type: "private", ...PERSON };
}
