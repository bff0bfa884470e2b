import { type Database, sql } from "./database.ts";
import { replyOf } from "./stored-reply.ts";

/** Something that was said about a message, cut to a length. `length` is that of the whole, in characters. */
export interface MessageText {
  /** Its row in history; null: the message itself, or a reply that is not in history. */
  readonly historyId: number | null;
  readonly role: "user" | "assistant" | "tool";
  readonly text: string;
  readonly length: number;
  readonly at: number;
}

/** What a message says, the calls of tools and their outputs, and the replies, in order. */
export function messageTexts(db: Database, taskId: number, longest: number): MessageText[] {
  const asked = sql(
    db,
    `SELECT NULL AS historyId, 'user' AS role, substr(text, 1, @longest) AS text, length(text) AS length,
            created_at AS at FROM inbox WHERE id = @taskId AND text IS NOT NULL`,
  ).all({ taskId, longest }) as MessageText[];
  // The message stands in history too, once it is answered.
  const said = sql(
    db,
    `SELECT id AS historyId, role, substr(text, 1, @longest) AS text, length(text) AS length, created_at AS at
       FROM history WHERE inbox_id = @taskId AND role <> 'user' ORDER BY id LIMIT ${MOST_TEXTS}`,
  ).all({ taskId, longest }) as MessageText[];
  const reply = replyOf(db, taskId)?.text;
  const at = asked[0]?.at ?? 0;
  const told: MessageText[] = reply
    ? [{ historyId: null, role: "assistant", text: reply.slice(0, longest), length: reply.length, at }]
    : [];
  return [...asked, ...said, ...told];
}

/** Many more than one message can come to within its turns and retries. */
const MOST_TEXTS = 500;

/** The whole of a text: what was said in a row of history about a message, or the message itself; null when gone. */
export function wholeText(db: Database, taskId: number, historyId: number | null): string | null {
  const text =
    historyId === null
      ? sql(db, "SELECT text FROM inbox WHERE id = ?").pluck().get(taskId)
      : sql(db, "SELECT text FROM history WHERE id = ? AND inbox_id = ?").pluck().get(historyId, taskId);
  return (text as string | null | undefined) ?? null;
}
