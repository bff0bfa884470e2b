import { type Database, inTransaction, sql } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { NOW } from "../../../shared/inbox.ts";

/**
 * A group became a supergroup, which is another chat: what is open and what was said goes on there.
 *
 * @param processId this worker's `process.started`
 */
export function migrateChat(
  db: Database,
  processId: number,
  chat: { readonly from: number; readonly to: number },
): void {
  inTransaction(db, () => {
    const open = `UPDATE inbox INDEXED BY inbox_open SET chat_id = @to, updated_at = ${NOW}
                   WHERE chat_id = @from AND status IN ('queued', 'in_progress', 'replying')`;
    sql(db, open).run(chat);
    sql(db, "UPDATE history SET chat_id = @to WHERE chat_id = @from").run(chat);
    logEvent(db, processId, EventType.ChatMigrated, { chat_id: chat.from, to_chat_id: chat.to });
  });
}
