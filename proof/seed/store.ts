import { type Database, inTransaction, sql } from "../../shared/database.ts";
import type { Planned } from "./planned.ts";

/** A row of the inbox that has ended. Times are Unix milliseconds. */
export interface InboxRow {
  readonly id: number;
  readonly chatId: number;
  readonly text: string | null;
  readonly kind: "message" | "command";
  readonly receivedAt: number;
  readonly endedAt: number;
  readonly status: "done" | "failed" | "set_aside" | "ignored";
  readonly attempts: number;
  readonly error: string | null;
}

export interface HistoryRow {
  readonly id: number;
  readonly chatId: number;
  readonly inboxId: number;
  readonly role: "user" | "assistant" | "tool";
  readonly text: string;
  readonly at: number;
}

export interface Batch {
  /** In the order of their moments. */
  readonly events: readonly Planned[];
  readonly inbox: readonly InboxRow[];
  readonly history: readonly HistoryRow[];
}

const BOT_ID = 1;

/** Writes rows with moments of their own, which the system itself leaves to the database. One transaction. */
export function store(db: Database, { events, inbox, history }: Batch): void {
  inTransaction(db, () => {
    for (const event of events) storeEvent(db, event);
    for (const row of inbox) storeMessage(db, row);
    for (const row of history) {
      const insert = "INSERT INTO history (id, chat_id, inbox_id, role, text, created_at) VALUES (?, ?, ?, ?, ?, ?)";
      sql(db, insert).run(row.id, row.chatId, row.inboxId, row.role, row.text, row.at);
    }
  });
}

function storeEvent(db: Database, event: Planned): void {
  const insert = "INSERT INTO events (timestamp, parent_id, event_type, payload) VALUES (?, ?, ?, ?)";
  const payload = JSON.stringify(event.payload());
  const { lastInsertRowid } = sql(db, insert).run(event.at, event.parent?.id ?? null, event.type, payload);
  event.id = Number(lastInsertRowid);
}

function storeMessage(db: Database, row: InboxRow): void {
  sql(
    db,
    `INSERT INTO inbox (id, bot_id, update_id, chat_id, message_id, text, message_date, status, attempts, error, kind,
                        sender_id, created_at, updated_at)
     VALUES (@id, ${BOT_ID}, @id + 500000000, @chatId, @id, @text, @messageDate, @status, @attempts, @error, @kind,
             @chatId, @receivedAt, @endedAt)`,
  ).run({ ...row, messageDate: Math.floor(row.receivedAt / 1000) * 1000 });
}
