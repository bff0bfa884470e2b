import { type Context, Hono } from "hono";
import { z } from "zod";
import { readJson } from "../json-body.ts";
import { chatExists, listChats } from "../local/telegram/chats.ts";
import { commandsOf } from "../local/telegram/commands.ts";
import { LONGEST_TEXT } from "../local/telegram/formatted-text.ts";
import { messagesAfter, messagesBefore, newestChange, toMessage } from "../local/telegram/messages.ts";
import { type ChatPorts, createChatStream } from "./chat-stream.ts";

/**
 * The chat page's HTTP API. Bodies are JSON of at most 64 KB; a refusal is `{ error }` in words, with 400 (what was sent
 * is not valid), 404 (no such chat), 409 (no such button) or 413. A `Message` is the Bot API's.
 *
 *   POST /chats                           → 201 { chat_id }
 *   GET  /chats                           → { chats: [{ chat_id, title, last_text, last_date }] }, the latest first
 *   GET  /chats/:id/messages?after=N      → { messages: Message[], change_id }, the 200 after message N (default 0)
 *   GET  /chats/:id/messages?before=N     → the same shape, the 200 before message N; both lists oldest first
 *   POST /chats/:id/messages { text, reply_to? } → 201 { message_id, update_id }; 1 to 4096 UTF-16 units once trimmed
 *   POST /chats/:id/buttons { message_id, data } → 201 { update_id }; presses a button with this callback_data
 *   GET  /commands                        → { commands: [{ command, description }] }, as the bot has told them
 *   GET  /chats/:id/stream?after=CHANGE   → server-sent events, see chat-stream.ts; `change_id` is where to begin
 *
 * `update_id` is null when the bot has not allowed that kind of update.
 */
export function createChatApi(ports: ChatPorts, stopping: AbortSignal): Hono {
  const { db, bot, person } = ports.telegram;
  const app = new Hono();

  app.post("/chats", (c) => c.json({ chat_id: person.startChat() }, 201));
  app.get("/chats", (c) => c.json({ chats: listChats(db) }));
  app.get("/commands", (c) => c.json({ commands: commandsOf(db) }));

  app.use("/chats/:id/*", async (c, next) => {
    if (chatExists(db, chatIdOf(c))) return next();
    return c.json({ error: "There is no such chat." }, 404);
  });

  app.get("/chats/:id/messages", (c) => {
    const range = messageRange.safeParse(c.req.query());
    if (!range.success) return c.json({ error: "after and before must be whole numbers." }, 400);
    const { after, before } = range.data;
    const changeId = newestChange(db);
    const stored =
      before === undefined
        ? messagesAfter(db, chatIdOf(c), after, PAGE_MESSAGES)
        : messagesBefore(db, chatIdOf(c), before, PAGE_MESSAGES);
    return c.json({ messages: stored.map((message) => toMessage(db, message, bot)), change_id: changeId });
  });

  app.post("/chats/:id/messages", async (c) => {
    const body = await readJson(c, newMessage);
    return body.ok ? c.json(person.send(chatIdOf(c), body.value.text, body.value.reply_to), 201) : body.response;
  });

  app.post("/chats/:id/buttons", async (c) => {
    const body = await readJson(c, buttonPress);
    if (!body.ok) return body.response;
    const pressed = person.press(chatIdOf(c), body.value.message_id, body.value.data);
    if (pressed.kind === "queued") return c.json({ update_id: pressed.update_id }, 201);
    return c.json({ error: "That message has no such button any more." }, 409);
  });

  app.get("/chats/:id/stream", createChatStream(ports, stopping));
  return app;
}

/** A page of history: more than a screen shows, and little enough to draw at once. */
const PAGE_MESSAGES = 200;

const wholeNumber = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);
const messageRange = z.object({ after: wholeNumber.default(0), before: wholeNumber.optional() });

const newMessage = z.object({
  text: z
    .string("must be a text.")
    .trim()
    .min(1, "must not be empty.")
    // Not zod's max(), which counts code points.
    .refine((text) => text.length <= LONGEST_TEXT, `must not be longer than ${LONGEST_TEXT} UTF-16 units.`),
  reply_to: z.int("must be a whole number.").nullable().default(null),
});

const buttonPress = z.object({
  message_id: z.int("must be a whole number."),
  data: z.string("must be a text."),
});

/** 0, which no chat has, when it is not a number. */
function chatIdOf(c: Context): number {
  const id = c.req.param("id") ?? "";
  return /^\d{1,15}$/.test(id) ? Number(id) : 0;
}
