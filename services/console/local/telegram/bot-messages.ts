import type { Clock } from "../../../../shared/clock.ts";
import { type Database, inTransaction } from "../../../../shared/database.ts";
import { type Answer, badRequest, ok, type Parameters, type Refusal } from "./answer.ts";
import type { Bell } from "./bell.ts";
import type { InlineKeyboard, User } from "./bot-objects.ts";
import { chatExists } from "./chats.ts";
import { formattedText } from "./formatted-text.ts";
import { addMessage, deleteMessage, editMessage, messageById, type StoredMessage, toMessage } from "./messages.ts";
import { keyboardSchema, replySchema, structure, wholeNumber } from "./parameters.ts";
import type { Presence } from "./presence.ts";

/** "1-64 bytes" (https://core.telegram.org/bots/api#inlinekeyboardbutton). */
const LONGEST_CALLBACK_DATA_BYTES = 64;

interface Ports {
  readonly db: Database;
  readonly clock: Clock;
  readonly presence: Presence;
  /** Rung for every message sent, edited or deleted. */
  readonly changed: Bell;
}

/** What the bot does to messages. Each is committed before it is answered. */
export function createBotMessages({ db, clock, presence, changed }: Ports, bot: User) {
  const seconds = () => Math.floor(clock.now() / 1000);
  const answered = (chatId: number, messageId: number): Answer => {
    changed.ring();
    const stored = messageById(db, chatId, messageId);
    if (!stored) throw new Error(`message ${messageId} of chat ${chatId} was written and is not there`);
    return ok(toMessage(db, stored, bot));
  };

  return {
    sendMessage(parameters: Parameters): Answer {
      const content = readContent(parameters);
      if ("ok" in content) return content;
      const chatId = knownChat(db, parameters);
      if (typeof chatId !== "number") return chatId;
      const replyTo = repliedTo(db, chatId, parameters);
      if (replyTo !== null && typeof replyTo !== "number") return replyTo;
      const message = { ...content, chatId, sender: "bot", replyTo, date: seconds() } as const;
      const messageId = inTransaction(db, () => addMessage(db, message));
      presence.stoppedTyping(chatId);
      return answered(chatId, messageId);
    },

    editMessageText(parameters: Parameters): Answer {
      const content = readContent(parameters);
      if ("ok" in content) return content;
      const chatId = knownChat(db, parameters);
      if (typeof chatId !== "number") return chatId;
      const stored = messageById(db, chatId, wholeNumber(parameters, "message_id") ?? 0);
      if (!stored) return badRequest("message to edit not found");
      if (stored.sender !== "bot") return badRequest("message can't be edited");
      if (isSame(stored, content)) return NOT_MODIFIED;
      inTransaction(db, () => editMessage(db, chatId, stored.messageId, { ...content, editDate: seconds() }));
      return answered(chatId, stored.messageId);
    },

    /** In a private chat a bot may delete what either side wrote (https://core.telegram.org/bots/api#deletemessage). */
    deleteMessage(parameters: Parameters): Answer {
      const chatId = knownChat(db, parameters);
      if (typeof chatId !== "number") return chatId;
      const stored = messageById(db, chatId, wholeNumber(parameters, "message_id") ?? 0);
      if (!stored) return badRequest("message to delete not found");
      inTransaction(db, () => deleteMessage(db, chatId, stored.messageId));
      changed.ring();
      return ok(true);
    },
  };
}

const NOT_MODIFIED = badRequest(
  "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
);

type Content = Pick<StoredMessage, "text" | "entities" | "keyboard">;

function readContent(parameters: Parameters): Content | Refusal {
  const formatted = formattedText(parameters);
  if ("ok" in formatted) return formatted;
  const keyboard = readKeyboard(parameters);
  return keyboard && "ok" in keyboard ? keyboard : { ...formatted, keyboard };
}

/** A reply keyboard, its removal and a forced reply are taken and change no message, as with Telegram. */
function readKeyboard(parameters: Parameters): InlineKeyboard | null | Refusal {
  const markup = parameters.reply_markup;
  if (markup === undefined || markup === "") return null;
  const given = structure(parameters, "reply_markup", keyboardSchema);
  if (!given.success) {
    const isInline = String(typeof markup === "string" ? markup : JSON.stringify(markup)).includes("inline_keyboard");
    return isInline ? badRequest("can't parse reply keyboard markup JSON object") : null;
  }
  const data = given.data.inline_keyboard.flat().map((button) => Buffer.byteLength(button.callback_data ?? " "));
  if (data.some((bytes) => bytes === 0 || bytes > LONGEST_CALLBACK_DATA_BYTES))
    return badRequest("BUTTON_DATA_INVALID");
  return data.length > 0 ? given.data : null;
}

export function knownChat(db: Database, parameters: Parameters): number | Refusal {
  if (parameters.chat_id === undefined || parameters.chat_id === "") return badRequest("chat_id is empty");
  const chatId = wholeNumber(parameters, "chat_id");
  return chatId !== undefined && chatExists(db, chatId) ? chatId : badRequest("chat not found");
}

function repliedTo(db: Database, chatId: number, parameters: Parameters): number | null | Refusal {
  const reply = replyParameters(parameters);
  const messageId = wholeNumber(reply, "message_id") ?? wholeNumber(parameters, "reply_to_message_id");
  if (messageId === undefined) return null;
  if (messageById(db, chatId, messageId)) return messageId;
  const mayBeMissing = [reply.allow_sending_without_reply, parameters.allow_sending_without_reply].map(String);
  return mayBeMissing.includes("true") ? null : badRequest("message to be replied not found");
}

function replyParameters(parameters: Parameters): Parameters {
  const given = structure(parameters, "reply_parameters", replySchema);
  return given.success ? given.data : {};
}

function isSame(stored: StoredMessage, content: Content): boolean {
  const comparable = ({ text, entities, keyboard }: Content) => JSON.stringify([text, entities, keyboard]);
  return comparable(stored) === comparable(content);
}
