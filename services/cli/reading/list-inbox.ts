import { type Database, sql } from "../../../shared/database.ts";

/** What a person may want to look after comes first; the rest has ended well. */
export const INBOX_STATUSES = ["queued", "in_progress", "replying", "failed", "set_aside", "done", "ignored"] as const;
export type InboxStatus = (typeof INBOX_STATUSES)[number];

export interface InboxRow {
  readonly id: number;
  readonly status: InboxStatus;
  readonly kind: string;
  readonly chatId: number | null;
  /** Unix milliseconds. */
  readonly receivedAt: number;
  readonly attempts: number;
  readonly error: string | null;
  readonly text: string | null;
}

export interface InboxPage {
  readonly statuses: readonly InboxStatus[];
  readonly limit: number;
  /** Only what came before this row; null from the newest on. */
  readonly before: number | null;
}

// The first two walk partial indexes, so that the few among very many are found at once.
const PARTS = [
  "INDEXED BY inbox_open WHERE status IN ('queued', 'in_progress', 'replying')",
  "INDEXED BY inbox_ended_badly WHERE status IN ('failed', 'set_aside')",
  "NOT INDEXED WHERE status IN ('done', 'ignored')",
];

/** The newest rows with one of these statuses, newest first. */
export function listInbox(db: Database, { statuses, limit, before }: InboxPage): InboxRow[] {
  const parts = PARTS.filter((part) => statuses.some((status) => part.includes(`'${status}'`)));
  const rows = parts.flatMap((part) => {
    const query = `SELECT id, status, kind, chat_id AS chatId, created_at AS receivedAt, attempts, error, text FROM inbox ${part}
        AND status IN (SELECT value FROM json_each(@statuses)) AND id < @before ORDER BY id DESC LIMIT @limit`;
    const bound = { statuses: JSON.stringify(statuses), limit, before: before ?? Number.MAX_SAFE_INTEGER };
    return sql(db, query).all(bound) as InboxRow[];
  });
  return rows.sort((one, other) => other.id - one.id).slice(0, limit);
}
