import { type Database, sql } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { requeue } from "../../../shared/inbox.ts";
import { messageRepliedTo } from "./about-message.ts";
import type { Answer, Call, Command, Press } from "./command.ts";

export const retry: Command = {
  name: "retry",
  about: "try again what failed; in reply to a message, that one",
  run(call) {
    const { db, task } = call;
    const taskId = task.replyToMessageId === null ? newestFailed(db, task.chatId) : messageRepliedTo(db, task);
    return taskId === null ? { text: "Nothing failed here." } : tryAgain(call, taskId);
  },
};

/** Under each error line. */
export const retryButton: Press = { name: "retry", run: (call) => tryAgain(call, Number(call.argument)) };

function tryAgain({ db, task: { chatId, senderId } }: Call, taskId: number): Answer {
  const isOfThisChat = sql(db, "SELECT 1 FROM inbox WHERE id = ? AND chat_id = ?").get(taskId, chatId) !== undefined;
  if (!isOfThisChat || !requeue(db, taskId)) return { text: "That message did not fail, or is being tried again." };
  const by = String(senderId ?? chatId);
  logEvent(db, null, EventType.MessageRetried, { by, from: "chat", task_id: taskId });
  return { text: "I am trying it again." };
}

function newestFailed(db: Database, chatId: number): number | null {
  const query = `SELECT id FROM inbox INDEXED BY inbox_ended_badly WHERE status IN ('failed', 'set_aside')
      AND chat_id = ? AND kind = 'message' ORDER BY id DESC LIMIT 1`;
  return (sql(db, query).pluck().get(chatId) as number | undefined) ?? null;
}
