import { z } from "zod";

/** The kinds of update that are asked for: named, because Telegram remembers what was named last. */
export const ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"] as const;

/** An update, read: who it is from, and what they did. Times are Unix milliseconds. */
export type Arrival = Origin &
  (
    | { readonly kind: "text"; readonly text: string; readonly replyToMessageId: number | null }
    | { readonly kind: "press"; readonly data: string; readonly callbackId: string }
    /** Something a person may wait for an answer to, and no text; `albumId` joins pictures sent as one. */
    | { readonly kind: "unsupported"; readonly albumId: string | null }
    | { readonly kind: "migrated"; readonly toChatId: number }
    | { readonly kind: "membership"; readonly mayWrite: boolean }
    /** An edit, a note of Telegram's own, or what we do not know. */
    | { readonly kind: "nothing" }
  );

export interface Origin {
  readonly updateId: number;
  readonly chatId: number | null;
  readonly senderId: number | null;
  readonly messageId: number | null;
  readonly messageDate: number | null;
}

const chat = z.object({ id: z.int() });
const sender = z.object({ id: z.int() }).optional();
const messageSchema = z.looseObject({
  message_id: z.int(),
  date: z.int(), // Unix seconds
  chat,
  from: sender,
  text: z.string().min(1).optional(),
  reply_to_message: z.object({ message_id: z.int() }).optional(),
  media_group_id: z.string().optional(),
  migrate_to_chat_id: z.int().optional(),
});
const updateSchema = z.object({ update_id: z.int() });
const withMessage = z.object({ message: messageSchema });
const withPress = z.object({
  callback_query: z.object({
    id: z.string(),
    from: z.object({ id: z.int() }),
    data: z.string(),
    message: z.object({ message_id: z.int(), chat }),
  }),
});
const withMembership = z.object({
  my_chat_member: z.object({ chat, from: sender, new_chat_member: z.object({ status: z.string() }) }),
});

/** Null without a usable update_id: such a thing cannot even be confirmed. */
export function readUpdate(update: unknown): Arrival | null {
  const identified = updateSchema.safeParse(update);
  if (!identified.success) return null;
  const { update_id: updateId } = identified.data;
  return (
    readMessage(updateId, update) ??
    readPress(updateId, update) ??
    readMembership(updateId, update) ??
    unknown(updateId)
  );
}

function readMessage(updateId: number, update: unknown): Arrival | null {
  const parsed = withMessage.safeParse(update);
  if (!parsed.success) return null;
  const { message } = parsed.data;
  const origin = {
    updateId,
    chatId: message.chat.id,
    senderId: message.from?.id ?? null,
    messageId: message.message_id,
    messageDate: message.date * 1000,
  };
  if (message.text !== undefined) {
    const replyToMessageId = message.reply_to_message?.message_id ?? null;
    return { ...origin, kind: "text", text: message.text, replyToMessageId };
  }
  if (message.migrate_to_chat_id !== undefined) {
    return { ...origin, kind: "migrated", toChatId: message.migrate_to_chat_id };
  }
  const isContent = CONTENT.some((name) => name in message);
  if (!isContent) return { ...origin, kind: "nothing" };
  return { ...origin, kind: "unsupported", albumId: message.media_group_id ?? null };
}

/** What people send beside texts; the rest of a message's fields are notes such as "joined the group". */
const CONTENT = [
  "animation",
  "audio",
  "contact",
  "dice",
  "document",
  "location",
  "paid_media",
  "photo",
  "poll",
  "sticker",
  "story",
  "venue",
  "video",
  "video_note",
  "voice",
] as const;

function readPress(updateId: number, update: unknown): Arrival | null {
  const parsed = withPress.safeParse(update);
  if (!parsed.success) return null;
  const { id: callbackId, from, data, message } = parsed.data.callback_query;
  const origin = {
    updateId,
    chatId: message.chat.id,
    senderId: from.id,
    messageId: message.message_id,
    messageDate: null,
  };
  return { ...origin, kind: "press", data, callbackId };
}

function readMembership(updateId: number, update: unknown): Arrival | null {
  const parsed = withMembership.safeParse(update);
  if (!parsed.success) return null;
  const { chat, from, new_chat_member } = parsed.data.my_chat_member;
  const origin = { updateId, chatId: chat.id, senderId: from?.id ?? null, messageId: null, messageDate: null };
  return { ...origin, kind: "membership", mayWrite: !["left", "kicked"].includes(new_chat_member.status) };
}

function unknown(updateId: number): Arrival {
  return { updateId, chatId: null, senderId: null, messageId: null, messageDate: null, kind: "nothing" };
}
