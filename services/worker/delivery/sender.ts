/**
 * Where replies go. Everything here rejects only when `signal` aborts; what goes wrong comes back as a result. One call
 * is one request: trying again is the caller's, and recorded.
 */
export interface Sender {
  send(chatId: number, message: OutgoingMessage, signal: AbortSignal): Promise<SendResult>;
  /** Puts a message in the place of one that was sent. It may be repeated: a message that says this already is "sent". */
  edit(chatId: number, messageId: number, message: OutgoingMessage, signal: AbortSignal): Promise<EditResult>;
  /** A message that is not there any more is removed. */
  remove(chatId: number, messageId: number, signal: AbortSignal): Promise<Done>;
  /** Ends the wait of a person who pressed a button, with a line that is shown for a moment, or with none when null. */
  answerButton(callbackId: string, text: string | null, signal: AbortSignal): Promise<Done>;
  /** What Telegram offers to people who begin to write a command. */
  setCommands(commands: readonly Command[], signal: AbortSignal): Promise<Done>;
  /** A courtesy to who waits; it lasts 5 s, and may be repeated. */
  showTyping(chatId: number, signal: AbortSignal): Promise<Done>;
}

export interface OutgoingMessage {
  /** At most 4096 UTF-16 units. */
  readonly text: string;
  readonly entities?: readonly Entity[];
  readonly buttons?: readonly (readonly Button[])[];
}

/** What a stretch of a text is. Offset and length are in UTF-16 units. */
export interface Entity {
  readonly type: "bold" | "italic" | "strikethrough" | "code" | "pre" | "text_link" | "blockquote";
  readonly offset: number;
  readonly length: number;
  /** Of a text_link. */
  readonly url?: string;
  /** Of a pre. */
  readonly language?: string;
}

/** `data` comes back when it is pressed: 1 to 64 bytes. */
export interface Button {
  readonly text: string;
  readonly data: string;
}

/** `command` without its slash. */
export interface Command {
  readonly command: string;
  readonly description: string;
}

export type SendResult = { readonly kind: "sent"; readonly messageId: number } | Failure;

export type EditResult =
  | SendResult
  /** There is no such message any more, or it is too old to be edited. */
  | { readonly kind: "gone"; readonly detail: string };

export type Done = { readonly kind: "done" } | Failure;

export type Failure =
  | { readonly kind: "rate limited"; readonly retryAfterMs: number }
  /** It surely did not arrive: there was no connection. */
  | { readonly kind: "not sent"; readonly detail: string }
  /** The token is refused: nothing can be sent until somebody sets another one. */
  | { readonly kind: "unauthorised"; readonly detail: string }
  /** No answer came: it may have been delivered or not. There is no key to ask by. */
  | { readonly kind: "uncertain"; readonly detail: string }
  /** The chat does not let the bot write: it blocked it, or left. */
  | { readonly kind: "forbidden"; readonly detail: string }
  /** The chat became another one. */
  | { readonly kind: "migrated"; readonly toChatId: number; readonly detail: string }
  /** The text may be taken without its entities. */
  | { readonly kind: "formatting refused"; readonly detail: string }
  /** Sending it again cannot help: the chat is not there, the text is not taken. */
  | { readonly kind: "refused"; readonly detail: string };
