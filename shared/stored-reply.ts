import { type Database, sql } from "./database.ts";
import { readPayload } from "./stored-payload.ts";

/** What is sent instead of the model's answer, as inbox.reply keeps it: JSON, because buttons go with the text. */
export interface StoredReply {
  readonly text: string;
  /** Rows of buttons below it. */
  readonly buttons?: readonly (readonly ReplyButton[])[];
}

export interface ReplyButton {
  readonly text: string;
  /** At most 64 bytes, by Telegram's rule; it comes back in a row of kind `button`. */
  readonly data: string;
}

export function encodeReply(reply: StoredReply): string {
  return JSON.stringify(reply);
}

/** What is to be sent for a row of the inbox, or null when it is for the model to answer. */
export function replyOf(db: Database, inboxId: number): StoredReply | null {
  const stored = sql(db, "SELECT reply FROM inbox WHERE id = ?").pluck().get(inboxId) as string | null | undefined;
  const reply = stored ? readPayload(stored) : null;
  return typeof reply?.text === "string" ? (reply as unknown as StoredReply) : null; // as encodeReply writes it
}
