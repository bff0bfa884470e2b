import { type Database, inTransaction, sql } from "../../../../shared/database.ts";

/** The kinds of update there are here; each is the name of the field that carries it. */
export type UpdateKind = "message" | "callback_query";

export interface Update {
  readonly update_id: number;
  readonly [kind: string]: unknown;
}

/** An offset further than this past the queue's end is not believed (tdlib, TQueue::get). */
const BELIEVED_PAST_THE_END = 10;

/** Queues an update for the bot. Returns its id, or null when the bot has not allowed this kind. */
export function queueUpdate(db: Database, kind: UpdateKind, content: unknown): number | null {
  const allowed = allowedUpdates(db);
  if (allowed.length > 0 && !allowed.includes(kind)) return null;
  const insert = sql(db, "INSERT INTO updates (kind, content) VALUES (?, ?)");
  return Number(insert.run(kind, JSON.stringify(content)).lastInsertRowid);
}

/**
 * Forgets what an offset confirms: everything below it. A negative one counts back from the queue's end. One too far
 * past the end confirms nothing. Returns the update id from which to answer.
 */
export function confirmBelow(db: Database, offset: number): number {
  return inTransaction(db, () => {
    const end = nextUpdateId(db);
    const from = offset < 0 ? end + offset : offset;
    if (from > end + BELIEVED_PAST_THE_END) return 0;
    sql(db, "DELETE FROM updates WHERE update_id < ?").run(from);
    return from;
  });
}

export function updatesFrom(db: Database, updateId: number, limit: number): Update[] {
  const query = "SELECT update_id, kind, content FROM updates WHERE update_id >= ? ORDER BY update_id LIMIT ?";
  const rows = sql(db, query).all(updateId, limit) as { update_id: number; kind: UpdateKind; content: string }[];
  return rows.map((row) => ({ update_id: row.update_id, [row.kind]: JSON.parse(row.content) }));
}

export function pendingUpdates(db: Database): number {
  return Number(sql(db, "SELECT count(*) FROM updates").pluck().get());
}

export function dropUpdates(db: Database): void {
  sql(db, "DELETE FROM updates").run();
}

/** Remembered until it is set anew; it holds for updates to come, not for those already queued. Empty allows all. */
export function allowUpdates(db: Database, kinds: readonly string[]): void {
  sql(db, "UPDATE bot SET allowed_updates = ?").run(JSON.stringify(kinds));
}

export function allowedUpdates(db: Database): readonly string[] {
  return JSON.parse(String(sql(db, "SELECT allowed_updates FROM bot").pluck().get()));
}

function nextUpdateId(db: Database): number {
  return Number(sql(db, "SELECT seq FROM sqlite_sequence WHERE name = 'updates'").pluck().get()) + 1;
}
