import { conversationBefore, isPaused, migratedFrom } from "../../../shared/chat-state.ts";
import { type Database, inTransaction, sql } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { NOW } from "../../../shared/inbox.ts";

interface Migration {
  readonly from: number;
  readonly to: number;
}

/**
 * A group became a supergroup, which is another chat: what is open, what failed and what was said goes on there, and
 * where its conversation begins and whether it is paused holds there, too.
 *
 * @param processId this worker's `process.started`
 */
export function migrateChat(db: Database, processId: number, chat: Migration): void {
  inTransaction(db, () => {
    sql(db, MOVE_OPEN).run(chat);
    sql(db, MOVE_FAILED).run(chat);
    sql(db, "UPDATE history SET chat_id = @to WHERE chat_id = @from").run(chat);
    if (migratedFrom(db, chat.to) !== chat.from) takeAlong(db, processId, chat); // told of twice, it has wishes of its own
    logEvent(db, processId, EventType.ChatMigrated, { chat_id: chat.from, to_chat_id: chat.to });
  });
}

const MOVE_OPEN = `UPDATE inbox INDEXED BY inbox_open SET chat_id = @to, updated_at = ${NOW}
    WHERE chat_id = @from AND status IN ('queued', 'in_progress', 'replying')`;
const MOVE_FAILED = `UPDATE inbox INDEXED BY inbox_ended_badly SET chat_id = @to
    WHERE chat_id = @from AND status IN ('failed', 'set_aside')`;

function takeAlong(db: Database, processId: number, { from, to }: Migration): void {
  const { historyId, taskId } = conversationBefore(db, from);
  const payload = { chat_id: to, after_history_id: historyId, after_task_id: taskId };
  if (historyId > 0 || taskId > 0) logEvent(db, processId, EventType.ChatRenewed, payload);
  if (isPaused(db, from)) logEvent(db, processId, EventType.ChatPaused, { chat_id: to });
}
