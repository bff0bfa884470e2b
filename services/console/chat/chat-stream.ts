import type { Context } from "hono";
import type { SSEStreamingApi } from "hono/streaming";
import type { LocalTelegram } from "../local/telegram/local-telegram.ts";
import { changesAfter, isDeleted, newestChange, type StoredMessage, toMessage } from "../local/telegram/messages.ts";
import { serverSentEvents } from "../server-sent-events.ts";
import type { StateReader } from "../state-reader.ts";
import { agentIsElsewhere } from "./agent-elsewhere.ts";

/** What ends with time alone (typing, the connection of the bot) is looked for this often. */
const LOOK_AGAIN_MS = 1_000;

/** Proxies close a stream that is silent for a minute or so: after this many looks in vain it says that it is alive. */
const LOOKS_TO_KEEP_ALIVE = 20;

const BATCH_MESSAGES = 100;

export interface ChatPorts {
  readonly telegram: LocalTelegram;
  readonly state: StateReader;
}

/**
 * The changes of one chat as server-sent events:
 *
 *   id: <change id>, data: Message     a message that is new, or was edited; in the order of the changes
 *   id: <change id>, event: deleted, data: { message_id }
 *   event: presence, data: { agent, typing, notice, newest_change }   whenever one of them differs; agent: connected,
 *                                                   gone, unseen, or elsewhere: on the real Telegram, as another bot
 *
 * A change id grows with every change, over all chats. A stream begins after `Last-Event-ID`, else after `?after=`, else
 * with the chat's first message: a reader who comes back misses nothing and reads nothing twice. `newest_change` tells
 * of changes in other chats.
 */
export function createChatStream({ telegram, state }: ChatPorts, stopping: AbortSignal) {
  const { db, bot, presence, changed } = telegram;
  const seenIn = (chatId: number) => {
    const { agent, ...seen } = presence.seenIn(chatId);
    return { agent: agent !== "connected" && agentIsElsewhere(state, bot.id) ? "elsewhere" : agent, ...seen };
  };
  const changeEvent = (change: StoredMessage) => {
    const id = String(change.changeId);
    if (isDeleted(change)) return { id, event: "deleted", data: JSON.stringify({ message_id: change.messageId }) };
    return { id, data: JSON.stringify(toMessage(db, change, bot)) };
  };

  return (c: Context<object, "/chats/:id/stream">) => {
    const chatId = Number(c.req.param("id"));
    const follow = async (stream: SSEStreamingApi, signal: AbortSignal) => {
      let position = startOf(c, newestChange(db));
      let shown = "";
      let looksInVain = 0;
      while (!signal.aborted) {
        const changes = changesAfter(db, chatId, position, BATCH_MESSAGES);
        const seen = JSON.stringify({ ...seenIn(chatId), newest_change: newestChange(db) });
        const isNews = changes.length > 0 || seen !== shown;
        if (isNews) {
          for (const change of changes) await stream.writeSSE(changeEvent(change));
          if (seen !== shown) await stream.writeSSE({ event: "presence", data: seen });
          position = changes.at(-1)?.changeId ?? position;
          shown = seen;
          looksInVain = 0;
        } else if (!(await changed.rang(LOOK_AGAIN_MS, signal))) {
          looksInVain += 1;
          if (looksInVain % LOOKS_TO_KEEP_ALIVE === 0) await stream.write(": alive\n\n");
        }
      }
    };
    return serverSentEvents(c, follow, stopping);
  };
}

/** An id above the newest change is from a file that is gone: then the whole chat is new. */
function startOf(c: Context, newest: number): number {
  const given = c.req.header("last-event-id") ?? c.req.query("after") ?? "";
  const after = /^\d{1,15}$/.test(given) ? Number(given) : 0;
  return after <= newest ? after : 0;
}
