import { type Database, durably, sql } from "./database.ts";
import { freeDeadClaim } from "./dead-claim.ts";

/** A `message` is for the model; a `command` and the press of a `button` are answered by us. */
export type InboxKind = "message" | "command" | "button";

/** An update as the inbox keeps it. What is ignored keeps no text. Times are Unix milliseconds. */
export interface IncomingUpdate {
  readonly updateId: number;
  readonly chatId: number | null;
  readonly messageId: number | null;
  readonly text: string | null;
  readonly messageDate: number | null;
  /** `replying`: its reply is known already. */
  readonly status: "queued" | "replying" | "ignored";
  /** Absent: a message. */
  readonly kind?: InboxKind;
  readonly senderId?: number | null;
  readonly replyToMessageId?: number | null;
  readonly callbackId?: string | null;
  readonly reply?: string;
}

/** One answer to a poll: the updates, and the offset that was sent for them. */
export interface Batch<Update extends Identified = IncomingUpdate> {
  readonly botId: number;
  readonly offsetSent: number;
  readonly updates: readonly Update[];
}

/** What an update is known by, should it come again. */
type Identified = Pick<IncomingUpdate, "updateId" | "messageId" | "messageDate">;

/** Of the messages that waited before a bot's very first start, the newest so many since a moment are answered. */
export interface BacklogLimit {
  readonly startedAt: number;
  readonly windowMs: number;
  readonly maxMessages: number;
}

/**
 * The offset of the next poll: one beyond the newest update of this bot's newest epoch, 0 before the first. Every
 * update leaves a row, also an ignored one, or the offset would stand still.
 */
export function deriveOffset(db: Database, botId: number): number {
  const query = "SELECT COALESCE(MAX(update_id) + 1, 0) FROM inbox WHERE bot_id = @botId AND epoch = @epoch";
  return Number(
    sql(db, query)
      .pluck()
      .get({ botId, epoch: newestEpoch(db, botId) }),
  );
}

/** The ids of a bot's updates grow within an epoch; they start anew with a new token, API root, or a week of silence. */
export function newestEpoch(db: Database, botId: number): number {
  return Number(sql(db, "SELECT COALESCE(MAX(epoch), 0) FROM inbox WHERE bot_id = ?").pluck().get(botId));
}

/**
 * Stores a whole batch, or nothing, before the next poll confirms it to Telegram. An update that is there already is
 * left as it is. A batch wholly below the offset that was sent means that the ids have started anew.
 *
 * @param limit for what waited before the bot's first start; null answers it all
 * @returns the new epoch if one was opened, else null
 */
export function acceptBatch(db: Database, batch: Batch, limit: BacklogLimit | null): number | null {
  return admitBatch(db, batch, limit, (update) => update);
}

/** @param admit says what is kept of an update that is new; what it records is committed with the row */
export function admitBatch<Update extends Identified>(
  db: Database,
  batch: Batch<Update>,
  limit: BacklogLimit | null,
  admit: (update: Update) => IncomingUpdate,
): number | null {
  const { botId, updates } = batch;
  if (updates.length === 0) return null;
  return durably(db, () => {
    const newest = newestEpoch(db, botId);
    const restarted = haveRestarted(db, batch, newest);
    const epoch = restarted ? newest + 1 : newest;
    for (const update of updates) {
      if (!isThere(db, botId, epoch, update)) insert(db, botId, epoch, admit(update));
    }
    if (limit) ignoreBacklog(db, botId, limit);
    return restarted ? epoch : null;
  });
}

function isThere(db: Database, botId: number, epoch: number, { updateId }: Identified): boolean {
  const query = "SELECT 1 FROM inbox WHERE bot_id = ? AND epoch = ? AND update_id = ?";
  return sql(db, query).get(botId, epoch, updateId) !== undefined;
}

/** A server that lost our confirmation sends again what we have; ids that start anew come with what we do not have. */
function haveRestarted(db: Database, { botId, offsetSent, updates }: Batch<Identified>, epoch: number): boolean {
  if (!updates.every(({ updateId }) => updateId < offsetSent)) return false;
  const known = `SELECT 1 FROM inbox WHERE bot_id = ? AND epoch = ? AND update_id = ?
      AND message_id IS ? AND message_date IS ?`;
  return !updates.every(({ updateId, messageId, messageDate }) =>
    sql(db, known).get(botId, epoch, updateId, messageId, messageDate),
  );
}

const A_MESSAGE = { kind: "message", senderId: null, replyToMessageId: null, callbackId: null, reply: null } as const;

function insert(db: Database, botId: number, epoch: number, update: IncomingUpdate): void {
  sql(
    db,
    `INSERT INTO inbox (bot_id, epoch, update_id, chat_id, message_id, text, message_date, status,
                        kind, sender_id, reply_to_message_id, callback_id, reply)
     VALUES (@botId, @epoch, @updateId, @chatId, @messageId, @text, @messageDate, @status,
             @kind, @senderId, @replyToMessageId, @callbackId, @reply)`,
  ).run({ botId, epoch, ...A_MESSAGE, ...update });
}

/** Telegram dates messages in whole seconds, so what came in the second of the start counts as after it. */
function ignoreBacklog(db: Database, botId: number, { startedAt, windowMs, maxMessages }: BacklogLimit): void {
  const start = Math.floor(startedAt / 1000) * 1000;
  sql(
    db,
    `UPDATE inbox INDEXED BY inbox_open SET status = 'ignored', text = NULL, updated_at = ${NOW}
      WHERE bot_id = @botId AND status = 'queued' AND status IN ('queued', 'in_progress', 'replying')
        AND message_date < @start
        AND id NOT IN (SELECT id FROM inbox INDEXED BY inbox_open
                        WHERE bot_id = @botId AND status = 'queued' AND status IN ('queued', 'in_progress', 'replying')
                          AND message_date < @start AND message_date >= @oldest
                        ORDER BY message_date DESC, id DESC LIMIT @maxMessages)`,
  ).run({ botId, start, oldest: start - windowMs, maxMessages });
}

/** Milliseconds, as the tables' defaults have them. */
export const NOW = "CAST(round(unixepoch('subsec') * 1000) AS INTEGER)";

/** When this bot was started for the very first time, by the log; null if this is before it. */
export function firstStartOf(db: Database, botId: number): number | null {
  const query = `SELECT timestamp FROM events WHERE event_type = 'process.started'
      AND json_extract(payload, '$.bot_id') = ? ORDER BY id LIMIT 1`;
  return (sql(db, query).pluck().get(botId) as number | undefined) ?? null;
}

/**
 * Queues a message that failed, was set aside, or is in the hands of a worker that is gone, once more; false when it is
 * none of these, or its text is gone. An answer that was stored is sent again, and not made again; what was set aside
 * runs alone again. To be called in one transaction with the `message.retried`.
 */
export function requeue(db: Database, id: number): boolean {
  if (freeDeadClaim(db, id)) return true;
  const again = `UPDATE inbox SET error = NULL, not_before = NULL, updated_at = ${NOW}, status = CASE WHEN EXISTS (
             SELECT 1 FROM history WHERE inbox_id = @id AND role = 'assistant') THEN 'replying' ELSE 'queued' END
      WHERE id = @id AND status IN ('failed', 'set_aside') AND kind = 'message' AND text IS NOT NULL`;
  return sql(db, again).run({ id }).changes === 1;
}

/**
 * Ends a message that shall not be tried, or not again: it becomes one that is ignored, and keeps no text, nor does its
 * chat's history of it. False when a living worker has it in hand, or it has ended well. To be called in one transaction with
 * the `message.dropped`.
 */
export function drop(db: Database, id: number): boolean {
  freeDeadClaim(db, id);
  const end = `UPDATE inbox SET status = 'ignored', error = 'dropped', text = NULL, reply = NULL, not_before = NULL,
             updated_at = ${NOW}
      WHERE id = ? AND locked_by IS NULL AND status IN ('queued', 'replying', 'failed', 'set_aside')`;
  const isEnded = sql(db, end).run(id).changes === 1;
  if (isEnded) sql(db, "DELETE FROM history WHERE inbox_id = ?").run(id);
  return isEnded;
}
