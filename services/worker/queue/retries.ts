import { type Database, inTransaction, sql } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { NOW } from "../../../shared/inbox.ts";
import type { Logger } from "../../../shared/logging.ts";
import type { NoAnswer } from "../agent/thought.ts";
import { decideRetry } from "../control/retry.ts";
import { markReplying, requireOwn, type Task } from "./claims.ts";

/** Queues a message that the model refused for later, or stores why there is no answer, to be told now. */
export function afterRefusal(
  { db, log }: { readonly db: Database; readonly log: Logger },
  task: Task,
  refusal: NoAnswer,
  maxRetries: number,
): "later" | "told" {
  const retries = retriesSoFar(db, task.id);
  const next = decideRetry(refusal, retries, maxRetries, Math.random());
  if (next.kind === "give up") {
    giveUp(db, task, { reason: refusal.reason, retries });
    return "told";
  }
  scheduleRetry(db, task, { ...next, refusal });
  log.warn({ event_id: task.agentId, task_id: task.id, reason: refusal.reason, ...next }, "message tried again later");
  return "later";
}

/** Ends an attempt: the message is queued again, for a moment that has not come yet. */
function scheduleRetry(
  db: Database,
  task: Task,
  { retry, delayMs, refusal }: { readonly retry: number; readonly delayMs: number; readonly refusal: NoAnswer },
): void {
  inTransaction(db, () => {
    const again = `UPDATE inbox SET status = 'queued', not_before = ${NOW} + ?, locked_by = NULL, locked_at = NULL,
                                    updated_at = ${NOW} WHERE id = ? AND locked_by = ? AND status = 'in_progress'`;
    requireOwn(sql(db, again).run(delayMs, task.id, task.processId).changes, task);
    const { reason: error_class, detail: error } = refusal;
    logEvent(db, task.agentId, EventType.RetryScheduled, { task_id: task.id, retry, delay_ms: delayMs, error_class });
    logEvent(db, task.agentId, EventType.AgentFailed, { task_id: task.id, error, error_class });
  });
}

function giveUp(db: Database, task: Task, { reason, retries }: { reason: NoAnswer["reason"]; retries: number }): void {
  inTransaction(db, () => {
    const payload = { task_id: task.id, retries, error_class: reason };
    if (retries > 0) logEvent(db, task.agentId, EventType.RetryExhausted, payload);
    markReplying(db, task, reason);
  });
}

/** How often a message was tried again by itself, since it was accepted or an operator had it tried once more. */
function retriesSoFar(db: Database, taskId: number): number {
  const query = `
    SELECT count(*) FROM events a JOIN events e ON e.parent_id = a.id AND e.event_type = 'retry.scheduled'
     WHERE a.event_type = 'agent.started' AND json_extract(a.payload, '$.task_id') = @taskId
       AND a.id > COALESCE((SELECT max(id) FROM events
                             WHERE event_type = 'message.retried' AND json_extract(payload, '$.task_id') = @taskId), 0)`;
  return Number(sql(db, query).pluck().get({ taskId }));
}
