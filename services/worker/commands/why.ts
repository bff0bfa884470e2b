import { type Database, sql } from "../../../shared/database.ts";
import { readStory } from "../../../shared/message-story.ts";
import { storyText } from "../../../shared/story-text.ts";
import { messageRepliedTo } from "./about-message.ts";
import type { Command } from "./command.ts";

export const why: Command = {
  name: "why",
  about: "what my last answer took; in reply to a message, that one",
  run({ db, task }) {
    const taskId = task.replyToMessageId === null ? newestMessage(db, task.chatId) : messageRepliedTo(db, task);
    const story = taskId === null ? null : readStory(db, taskId);
    return { text: story ? storyText(story) : "I know of no message here that this could be about." };
  },
};

/** Among so many attempts, of all chats: its own are near the log's end. */
const NEWEST_ATTEMPTS = 10_000;

function newestMessage(db: Database, chatId: number): number | null {
  const query = `SELECT payload ->> '$.task_id' FROM (
        SELECT payload FROM events WHERE event_type = 'agent.started' ORDER BY id DESC LIMIT ${NEWEST_ATTEMPTS})
      WHERE payload ->> '$.chat_id' = ? AND payload ->> '$.command' IS NULL LIMIT 1`;
  return (sql(db, query).pluck().get(chatId) as number | undefined) ?? null;
}
