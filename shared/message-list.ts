import { type Database, sql } from "./database.ts";

/** What became of messages, as an operator asks for it. */
export const OUTCOMES = ["all", "waiting", "answered", "failed", "set aside", "ignored", "dropped"] as const;
export type Outcome = (typeof OUTCOMES)[number];
/** `given up` is what failed and what was set aside. */
export type Listed = Outcome | "given up";

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

const ENDED_BADLY = "FROM inbox INDEXED BY inbox_ended_badly WHERE status IN ('failed', 'set_aside') AND id < @before";
const SOURCES: Readonly<Record<Listed, string>> = {
  all: "FROM inbox WHERE id < @before",
  waiting: `FROM inbox INDEXED BY inbox_open
    WHERE status IN ('queued', 'in_progress', 'replying') AND id < @before`,
  answered: "FROM inbox NOT INDEXED WHERE id < @before AND status = 'done'",
  failed: `${ENDED_BADLY} AND status = 'failed'`,
  "set aside": `${ENDED_BADLY} AND status = 'set_aside'`,
  "given up": ENDED_BADLY,
  ignored: "FROM inbox INDEXED BY inbox_ignored WHERE status = 'ignored' AND error IS NOT 'dropped' AND id < @before",
  dropped: "FROM inbox INDEXED BY inbox_dropped WHERE status = 'ignored' AND error = 'dropped' AND id < @before",
};

/** The query behind `listMessages`; a test looks at its plan. */
export const LISTED = (outcome: Listed) => `
  SELECT id AS taskId, chat_id AS chatId, kind, status, error, substr(text, 1, ${PREVIEW}) AS preview,
         created_at AS receivedAt, updated_at AS updatedAt, attempts
    ${SOURCES[outcome]} ORDER BY id DESC LIMIT @limit`;

/** The newest messages with an outcome before an id, newest first. */
export function listMessages(
  db: Database,
  outcome: Listed,
  { before, limit }: { readonly before: number; readonly limit: number },
): ListedMessage[] {
  return sql(db, LISTED(outcome)).all({ before, limit }) as ListedMessage[];
}
