import { type Database, sql } from "./database.ts";

/** What became of messages, as an operator asks for it. */
export const OUTCOMES = ["all", "waiting", "answered", "failed"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** A message in a list. `preview` is the beginning of its text, null when it has none. Times are Unix milliseconds. */
export interface ListedMessage {
  readonly taskId: number;
  readonly chatId: number | null;
  readonly kind: "message" | "command" | "button";
  readonly status: string;
  readonly error: string | null;
  readonly preview: string | null;
  readonly receivedAt: number;
  readonly updatedAt: number;
  readonly attempts: number;
}

/** More of a text is never read for a list. */
const PREVIEW = 160;

const SOURCES: Readonly<Record<Outcome, string>> = {
  all: "FROM inbox WHERE id < @before",
  waiting: `FROM inbox INDEXED BY inbox_open
    WHERE status IN ('queued', 'in_progress', 'replying') AND id < @before`,
  answered: "FROM inbox NOT INDEXED WHERE id < @before AND status = 'done'",
  failed: "FROM inbox INDEXED BY inbox_ended_badly WHERE status IN ('failed', 'set_aside') AND id < @before",
};

/** The query behind `listMessages`; a test looks at its plan. */
export const LISTED = (outcome: Outcome) => `
  SELECT id AS taskId, chat_id AS chatId, kind, status, error, substr(text, 1, ${PREVIEW}) AS preview,
         created_at AS receivedAt, updated_at AS updatedAt, attempts
    ${SOURCES[outcome]} ORDER BY id DESC LIMIT @limit`;

/** The newest messages with an outcome before an id, newest first. */
export function listMessages(
  db: Database,
  outcome: Outcome,
  { before, limit }: { readonly before: number; readonly limit: number },
): ListedMessage[] {
  return sql(db, LISTED(outcome)).all({ before, limit }) as ListedMessage[];
}
