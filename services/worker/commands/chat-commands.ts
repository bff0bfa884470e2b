import { isPaused } from "../../../shared/chat-state.ts";
import { sql } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import type { Command } from "./command.ts";

/** What changes how the chat that asks is answered from now on. */
export const chatCommands: readonly Command[] = [
  {
    name: "new",
    about: "start a new conversation",
    run({ db, task: { id, chatId, processId } }) {
      const newest = sql(db, "SELECT COALESCE(max(id), 0) FROM history WHERE chat_id = ?").pluck();
      const payload = { chat_id: chatId, after_history_id: Number(newest.get(chatId)), after_task_id: id };
      logEvent(db, processId, EventType.ChatRenewed, payload);
      return { text: "A new conversation: what was said before is left out." };
    },
  },
  {
    name: "pause",
    about: "keep messages, and answer them later",
    run({ db, task: { chatId, processId } }) {
      if (!isPaused(db, chatId)) logEvent(db, processId, EventType.ChatPaused, { chat_id: chatId });
      return { text: "Paused: I keep what you write, and answer after /resume." };
    },
  },
  {
    name: "resume",
    about: "answer what was kept",
    run({ db, task: { chatId, processId } }) {
      if (!isPaused(db, chatId)) return { text: "Nothing is paused here." };
      logEvent(db, processId, EventType.ChatResumed, { chat_id: chatId });
      return { text: "Resumed." };
    },
  },
];
