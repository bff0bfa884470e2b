import { HELD, PARKED } from "../../../shared/chat-state.ts";
import { type Database, sql } from "../../../shared/database.ts";
import { type InboxKind, NOW } from "../../../shared/inbox.ts";

/** What may be claimed. Every query walks open rows alone, so it costs the same however many are done. */

export interface OpenRow {
  readonly id: number;
  readonly updateId: number;
  readonly chatId: number;
  readonly kind: InboxKind;
  readonly text: string;
  readonly messageId: number | null;
  readonly senderId: number | null;
  readonly replyToMessageId: number | null;
  readonly callbackId: string | null;
  readonly attempts: number;
  readonly status: "queued" | "replying";
  readonly alone: 0 | 1;
}

const COLUMNS = `i.id, i.update_id AS updateId, i.chat_id AS chatId, i.kind, COALESCE(i.text, '') AS text,
    i.message_id AS messageId, i.sender_id AS senderId, i.reply_to_message_id AS replyToMessageId,
    i.callback_id AS callbackId, i.attempts, i.status, i.alone`;

// These are the partial indexes' own conditions, word for word, or SQLite would not use them.
const OPEN = "status IN ('queued', 'in_progress', 'replying')";
const CONTROL = "kind <> 'message'";
const FREE = `i.status <> 'in_progress' AND i.locked_by IS NULL AND COALESCE(i.not_before, 0) <= ${NOW}`;

const otherInHand =
  "SELECT 1 FROM inbox h INDEXED BY inbox_in_hand WHERE h.locked_by IS NOT NULL AND h.kind = 'message'";

/**
 * From chat to chat, not from row to row: a backlog costs as much as its chats. A chat whose message is in hand has no
 * other begun, also when an older one of it was queued again. Whether a chat is held is asked of the oldest first.
 */
export const CLAIMABLE = `
  WITH RECURSIVE chats (id) AS (
    SELECT (SELECT chat_id FROM inbox INDEXED BY inbox_open WHERE ${OPEN} ORDER BY chat_id LIMIT 1)
    UNION ALL
    SELECT (SELECT o.chat_id FROM inbox o INDEXED BY inbox_open WHERE o.${OPEN} AND o.chat_id > chats.id
             ORDER BY o.chat_id LIMIT 1) FROM chats WHERE chats.id IS NOT NULL),
  first AS (
    SELECT ${COLUMNS} FROM chats JOIN inbox i ON i.id = (
             SELECT o.id FROM inbox o INDEXED BY inbox_open WHERE o.chat_id = chats.id AND o.${OPEN} AND o.kind = 'message'
              ORDER BY o.id LIMIT 1)
     WHERE NOT EXISTS (${otherInHand} AND h.chat_id = chats.id) AND ${FREE}
     ORDER BY i.id LIMIT -1)
  SELECT * FROM first WHERE NOT ${HELD("first.chatId")} LIMIT @most + 0`;

/** The oldest message that is to run alone, and may. */
export const CLAIMABLE_ALONE = `
  SELECT ${COLUMNS} FROM inbox i INDEXED BY inbox_alone
   WHERE i.alone = 1 AND i.${OPEN} AND ${FREE} AND NOT ${HELD("i.chat_id")} ORDER BY i.id LIMIT 1`;

const olderControl = `SELECT 1 FROM inbox o INDEXED BY inbox_controls
    WHERE o.${CONTROL} AND o.${OPEN} AND o.chat_id = i.chat_id AND o.id < i.id`;

/** Carried out in order, also while Telegram puts off the reply of one before; delivered in order, too. */
export const CLAIMABLE_CONTROL = `
  SELECT ${COLUMNS} FROM inbox i INDEXED BY inbox_controls
   WHERE i.${CONTROL} AND i.${OPEN} AND ${FREE} AND NOT ${PARKED("i.chat_id")}
     AND NOT EXISTS (${olderControl} AND (i.status = 'replying' OR o.status <> 'replying'))
   ORDER BY i.id LIMIT @most + 0`;

const ALONE_IN_HAND = `SELECT 1 FROM inbox i INDEXED BY inbox_alone
    WHERE i.alone = 1 AND i.${OPEN} AND i.locked_by IS NOT NULL LIMIT 1`;

/** At most one of each chat. While a message runs alone, none other begins; before it does, what is in hand ends. */
export function nextMessages(db: Database, most: number): OpenRow[] {
  if (sql(db, ALONE_IN_HAND).get() !== undefined) return [];
  const alone = sql(db, CLAIMABLE_ALONE).all() as OpenRow[];
  if (alone.length === 0) return sql(db, CLAIMABLE).all({ most }) as OpenRow[];
  return sql(db, `${otherInHand} LIMIT 1`).get() === undefined ? alone : [];
}

/** Whether the reply of an earlier command or button of the same chat has yet to be delivered. */
export function waitsForOlderReply(db: Database, id: number): boolean {
  return sql(db, `SELECT 1 FROM inbox i WHERE i.id = ? AND EXISTS (${olderControl})`).get(id) !== undefined;
}

export function nextControls(db: Database, most: number): OpenRow[] {
  return sql(db, CLAIMABLE_CONTROL).all({ most }) as OpenRow[];
}
