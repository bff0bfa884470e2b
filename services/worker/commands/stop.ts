import { type Database, sql } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { NOW } from "../../../shared/inbox.ts";
import type { Command } from "./command.ts";

/**
 * Ends the message that the chat's person waits for. Its row ends here, with the command's: whether this process lives
 * to abort the attempt or not, nothing more becomes of it.
 */
export const stop: Command = {
  name: "stop",
  about: "stop what I am working on",
  run({ db, task: { chatId, senderId } }) {
    const begun = begunMessage(db, chatId);
    if (!begun) return { text: "I am not working on anything here." };
    const end = `UPDATE inbox SET status = 'failed', error = 'stopped', not_before = NULL, locked_by = NULL,
                        locked_at = NULL, updated_at = ${NOW} WHERE id = ?`;
    sql(db, end).run(begun.id);
    const by = String(senderId ?? chatId);
    logEvent(db, null, EventType.MessageStopped, { by, from: "chat", task_id: begun.id });
    const failure = { task_id: begun.id, error: "stopped", error_class: "stopped" };
    if (begun.agentId !== null) logEvent(db, begun.agentId, EventType.AgentFailed, failure);
    const buttons = [[{ text: "Retry", data: `retry:${begun.id}` }]];
    return { text: "Stopped.", buttons, after: { kind: "abort", taskId: begun.id } };
  },
};

/** The message in hand, with its attempt; or one that waits to be tried again. */
function begunMessage(db: Database, chatId: number): { id: number; agentId: number | null } | null {
  const query = `
    SELECT i.id, CASE WHEN i.locked_by IS NOT NULL THEN
             (SELECT max(a.id) FROM events a WHERE a.event_type = 'agent.started'
                 AND json_extract(a.payload, '$.task_id') = +i.id) END AS agentId
      FROM inbox i INDEXED BY inbox_open
     WHERE i.status IN ('queued', 'in_progress', 'replying') AND i.chat_id = ? AND i.kind = 'message'
       AND (i.locked_by IS NOT NULL OR i.attempts > 0) ORDER BY i.locked_by IS NULL, i.id LIMIT 1`;
  return (sql(db, query).get(chatId) as { id: number; agentId: number | null } | undefined) ?? null;
}
