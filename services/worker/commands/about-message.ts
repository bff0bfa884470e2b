import { type Database, sql } from "../../../shared/database.ts";
import type { Task } from "../queue/claims.ts";

/** So far back a message of the person's own is looked for; our own are found by an index. */
const NEWEST_ROWS = 10_000;

/** A test looks at its plan. */
export const ANSWERED = `SELECT a.payload ->> '$.task_id' FROM events s JOIN events a ON a.id = s.parent_id
    WHERE s.event_type = 'reply.sent' AND json_extract(s.payload, '$.message_id') = ?
      AND s.payload ->> '$.chat_id' = ? ORDER BY s.id DESC LIMIT 1`;

/** The message that a command was sent in reply to: the person's, or the one that ours answered; null without either. */
export function messageRepliedTo(db: Database, { chatId, replyToMessageId }: Task): number | null {
  if (replyToMessageId === null) return null;
  const own = `SELECT id FROM (SELECT id, chat_id, message_id, kind FROM inbox ORDER BY id DESC LIMIT ${NEWEST_ROWS})
      WHERE message_id = ? AND chat_id = ? AND kind = 'message' LIMIT 1`;
  for (const query of [ANSWERED, own]) {
    const id = sql(db, query).pluck().get(replyToMessageId, chatId) as number | undefined;
    if (id !== undefined) return id;
  }
  return null;
}
