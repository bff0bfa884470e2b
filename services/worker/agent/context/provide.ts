import { conversationBefore } from "../../../../shared/chat-state.ts";
import { scrub } from "../../../../shared/config.ts";
import type { Database } from "../../../../shared/database.ts";
import { recentHistory, type Spoken } from "../../../../shared/history.ts";
import type { Task } from "../../queue/claims.ts";

/** All that the model could be shown of a chat, oldest first, and the message to answer. */
export interface Provided {
  readonly history: readonly Spoken[];
  readonly message: string;
}

/** Reads the present conversation. Secrets are blanked before anything is cut: half of one would not be known again. */
export function provide(db: Database, task: Task, historyWindow: number): Provided {
  const history = recentHistory(db, task.chatId, historyWindow, conversationBefore(db, task.chatId));
  return { history: history.map(({ role, text }) => ({ role, text: scrub(text) })), message: scrub(task.text) };
}
