import { isParked, migratedFrom, wasRefused } from "../../shared/chat-state.ts";
import { scrub } from "../../shared/config.ts";
import type { Database } from "../../shared/database.ts";
import { logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import type { IncomingUpdate } from "../../shared/inbox.ts";
import { encodeReply } from "../../shared/stored-reply.ts";
import { type AccessSettings, isAllowed, type Visitor } from "./access.ts";
import { parseCommand } from "./commands/parse-command.ts";
import type { Pairing } from "./pairing.ts";
import type { Arrival, Origin } from "./updates.ts";

export interface AdmissionSettings extends AccessSettings {
  /** This worker's `process.started`. */
  readonly processId: number;
  /** What is older gets no courtesy answer: it waited for a bot that did not exist yet. Unix milliseconds, or null. */
  readonly courtesySince: number | null;
}

/** Telegram dates in whole seconds. */
const A_SECOND_MS = 1000;

const PRIVATE = "This bot is private: it answers its owner's chats alone.";
const TEXT_ALONE = "I can only read text messages.";
const PAIRING_REPLIES = {
  right: "This chat is the owner's now. /help lists what I can do.",
  wrong: "That is not the pairing code.",
  closed: "No pairing code is out.",
};

/**
 * What becomes of an update. To be called in the transaction that stores its row: what it says of the chat is recorded
 * in the same one. A text is queued, less our own secrets, from a chat that is allowed; of all else no text is kept.
 */
export function createAdmission({ db, pairing }: { db: Database; pairing: Pairing }, settings: AdmissionSettings) {
  const { processId, courtesySince } = settings;
  let lastAlbum: string | null = null;

  return function admit(arrival: Arrival): IncomingUpdate {
    const { chatId, senderId } = arrival;
    if (chatId === null) return ignored(arrival);
    const visitor = { chatId, senderId };
    const code = arrival.kind === "text" ? givenCode(arrival.text) : null;
    if (code !== null) return admitCode(arrival, visitor, code);
    if (!isAllowed(db, settings, visitor)) return refuse(arrival, chatId);
    recordReach(arrival, chatId);
    return admitAllowed(arrival);
  };

  function admitAllowed(arrival: Arrival): IncomingUpdate {
    switch (arrival.kind) {
      case "text": {
        const kind = parseCommand(arrival.text) ? "command" : "message";
        const { text, replyToMessageId } = arrival;
        return { ...known(arrival), status: "queued", kind, text: scrub(text), replyToMessageId };
      }
      case "press": {
        const { data: text, callbackId } = arrival;
        return { ...known(arrival), status: "queued", kind: "button", text, callbackId };
      }
      case "unsupported": {
        const isRepeated = arrival.albumId !== null && arrival.albumId === lastAlbum;
        lastAlbum = arrival.albumId;
        // In a group, pictures are seldom meant for the bot.
        const isMeant = !isRepeated && (arrival.chatId ?? 0) > 0 && !isOld(arrival);
        return isMeant ? answeredWith(arrival, TEXT_ALONE) : ignored(arrival);
      }
      default:
        return ignored(arrival);
    }
  }

  /** Telegram lets us write again to whoever writes to us. */
  function recordReach(arrival: Arrival, chatId: number): void {
    if (arrival.kind === "nothing") return;
    if (arrival.kind === "migrated") {
      if (migratedFrom(db, arrival.toChatId) === chatId) return;
      logEvent(db, processId, EventType.ChatMigrated, { chat_id: chatId, to_chat_id: arrival.toChatId });
      return;
    }
    const mayWrite = arrival.kind !== "membership" || arrival.mayWrite;
    const isOff = isParked(db, chatId);
    if (mayWrite && isOff) logEvent(db, processId, EventType.ChatUnparked, { chat_id: chatId });
    if (!mayWrite && !isOff)
      logEvent(db, processId, EventType.ChatParked, { chat_id: chatId, reason: "removed the bot" });
  }

  function admitCode(arrival: Arrival, { chatId, senderId }: Visitor, code: string): IncomingUpdate {
    const claim = pairing.claim(chatId, code);
    if (claim === "closed" && !isAllowed(db, settings, { chatId, senderId })) return refuse(arrival, chatId);
    if (claim === "right") logEvent(db, processId, EventType.ChatPaired, { chat_id: chatId, sender_id: senderId });
    return answeredWith(arrival, PAIRING_REPLIES[claim], "/pair");
  }

  function refuse(arrival: Arrival, chatId: number): IncomingUpdate {
    const mayAnswer = arrival.kind === "text" || arrival.kind === "unsupported";
    if (!mayAnswer || isOld(arrival) || wasRefused(db, chatId)) return ignored(arrival);
    logEvent(db, processId, EventType.ChatRefused, { chat_id: chatId });
    return answeredWith(arrival, PRIVATE);
  }

  function isOld({ messageDate }: Arrival): boolean {
    return courtesySince !== null && (messageDate ?? 0) + A_SECOND_MS <= courtesySince;
  }
}

function answeredWith(arrival: Arrival, reply: string, text: string | null = null): IncomingUpdate {
  return { ...known(arrival), status: "replying", kind: "command", text, reply: encodeReply({ text: reply }) };
}

function known({ updateId, chatId, senderId, messageId, messageDate }: Origin) {
  return { updateId, chatId, senderId, messageId, messageDate };
}

function ignored(origin: Origin): IncomingUpdate {
  return { ...known(origin), text: null, status: "ignored" };
}

/** What `/pair` came with: it is compared, and kept nowhere. */
function givenCode(text: string): string | null {
  const command = parseCommand(text);
  return command?.name === "pair" ? command.argument : null;
}
