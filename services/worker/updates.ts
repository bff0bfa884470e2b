import { z } from "zod";
import type { IncomingUpdate } from "../../shared/inbox.ts";

/** Whom the bot answers. */
export type AllowedChats =
  | { readonly kind: "everyone" }
  | { readonly kind: "listed"; readonly ids: ReadonlySet<number> };

/** The kinds of update that are asked for: named, because Telegram remembers what was named last. */
export const ALLOWED_UPDATES = ["message"] as const;

const updateSchema = z.object({ update_id: z.int() });
const textMessageSchema = z.object({
  message: z.object({
    message_id: z.int(),
    date: z.int(), // Unix seconds
    chat: z.object({ id: z.int() }),
    text: z.string().min(1),
  }),
});

/**
 * What becomes of an update: a text from an allowed chat is queued; anything else is ignored, and keeps no text, but
 * leaves a row, or the offset would stand still. Null without a usable update_id: such a thing cannot even be confirmed.
 */
export function toIncoming(update: unknown, allowed: AllowedChats): IncomingUpdate | null {
  const identified = updateSchema.safeParse(update);
  if (!identified.success) return null;
  const updateId = identified.data.update_id;
  const parsed = textMessageSchema.safeParse(update);
  if (!parsed.success) return { ...IGNORED, updateId };
  const { message_id: messageId, chat, date, text } = parsed.data.message;
  const known = { updateId, chatId: chat.id, messageId, messageDate: date * 1000 };
  return isAllowed(chat.id, allowed) ? { ...known, text, status: "queued" } : { ...IGNORED, ...known };
}

const IGNORED = { chatId: null, messageId: null, text: null, messageDate: null, status: "ignored" } as const;

function isAllowed(chatId: number, allowed: AllowedChats): boolean {
  return allowed.kind === "everyone" || allowed.ids.has(chatId);
}
