import { isParked, migratedFrom, wasRefused } from "../../../shared/chat-state.ts";
import { scrub } from "../../../shared/config.ts";
import type { Database } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import type { IncomingUpdate } from "../../../shared/inbox.ts";
import { encodeReply } from "../../../shared/stored-reply.ts";
import { type GivenCommand, isForAnother, parseCommand } from "../commands/parse-command.ts";
import { migrateChat } from "../delivery/migrate-chat.ts";
import { type AccessSettings, isAllowed, type Visitor } from "./access.ts";
import { ownName } from "./own-name.ts";
import type { Pairing } from "./pairing.ts";
import type { Arrival, Origin } from "./updates.ts";

export interface AdmissionSettings extends AccessSettings {
  readonly botId: number;
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
  const { botId, processId, courtesySince } = settings;
  let lastAlbum: string | null = null;

  return function admit(arrival: Arrival): IncomingUpdate {
    const { chatId, senderId } = arrival;
    if (chatId === null) return ignored(arrival);
    const visitor = { chatId, senderId };
    const command = commandOf(arrival);
    if (command === "another bot's") return ignored(arrival);
    if (command?.name === "pair") return admitCode(arrival, visitor, command.argument);
    if (!isAllowed(db, settings, visitor)) return refuse(arrival, chatId);
    recordReach(arrival, chatId);
    return admitAllowed(arrival, command ? "command" : "message");
  };

  /** Only in a group can another bot be meant: to us alone, it is a text as any other. */
  function commandOf(arrival: Arrival): GivenCommand | "another bot's" | null {
    const command = arrival.kind === "text" ? parseCommand(arrival.text) : null;
    if (!command || !isForAnother(command, ownName(db, botId))) return command;
    return isGroup(arrival) ? "another bot's" : null;
  }

  function admitAllowed(arrival: Arrival, kind: "command" | "message"): IncomingUpdate {
    switch (arrival.kind) {
      case "text": {
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
        const isMeant = !isRepeated && !isGroup(arrival) && !isOld(arrival);
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
      if (migratedFrom(db, arrival.toChatId) !== chatId) {
        migrateChat(db, processId, { from: chatId, to: arrival.toChatId });
      }
      return;
    }
    const mayWrite = arrival.kind !== "membership" || arrival.mayWrite;
    const isOff = isParked(db, chatId);
    if (mayWrite && isOff) logEvent(db, processId, EventType.ChatUnparked, { chat_id: chatId });
    if (!mayWrite && !isOff)
      logEvent(db, processId, EventType.ChatParked, { chat_id: chatId, reason: "removed the bot" });
  }

  /** What `/pair` came with is compared, and kept nowhere. */
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

/** By Telegram's rule a person's chat has the person's id, and a group's is negative. */
function isGroup({ chatId }: Arrival): boolean {
  return (chatId ?? 0) < 0;
}
