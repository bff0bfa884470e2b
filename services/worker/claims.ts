import { type Database, inTransaction, sql } from "../../shared/database.ts";
import { logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { NOW } from "../../shared/inbox.ts";

/**
 * The queue: which message is whose. A claim carries the id of the worker's `process.started` (the fencing token), so
 * what a dead worker left is free once the log has its `worker.exited`, and nobody can end another's claim.
 *
 *   queued ─ claim ─▶ in_progress ─ reply or error stored ─▶ replying ─▶ done | failed
 *      ◀── release (stopped, or the worker died) ──┘              └── release keeps what is stored ──▶ replying, free
 */

/** A claimed message, and the attempt at it: `agentId` is its `agent.started`. */
export interface Task {
  readonly id: number;
  readonly agentId: number;
  readonly processId: number;
  readonly chatId: number;
  readonly text: string;
  /** An earlier attempt stored what is to be sent; only the sending is left. */
  readonly stored: boolean;
}

export interface Failure {
  readonly error: string;
  readonly errorClass: string;
}

interface OpenRow {
  readonly id: number;
  readonly updateId: number;
  readonly chatId: number;
  readonly text: string;
  readonly attempts: number;
  readonly status: "queued" | "replying";
}

// The first condition is the partial index's own, word for word, or SQLite would not use it.
const OPEN = "status IN ('queued', 'in_progress', 'replying')";
/** The query of a claim; a test looks at its plan. */
export const CLAIMABLE = `
  SELECT i.id, i.update_id AS updateId, i.chat_id AS chatId, i.text, i.attempts, i.status FROM inbox i INDEXED BY inbox_open
   WHERE i.${OPEN} AND i.status <> 'in_progress' AND i.locked_by IS NULL AND COALESCE(i.not_before, 0) <= ${NOW}
     AND i.id = (SELECT min(o.id) FROM inbox o WHERE o.chat_id = i.chat_id AND o.${OPEN})
   ORDER BY i.id LIMIT 1`;

/** Claims the oldest message that is the first open one of its chat, and starts an attempt at it; null if none waits. */
export function claimNext(db: Database, processId: number): Task | null {
  return inTransaction(db, () => {
    const row = sql(db, CLAIMABLE).get() as OpenRow | undefined;
    if (!row) return null;
    const stored = row.status === "replying";
    const claim = `UPDATE inbox SET status = ?, attempts = attempts + 1, locked_by = ?, locked_at = ${NOW},
                                    updated_at = ${NOW} WHERE id = ?`;
    sql(db, claim).run(stored ? "replying" : "in_progress", processId, row.id);
    const agentId = logEvent(db, null, EventType.AgentStarted, {
      chat_id: row.chatId,
      task_id: row.id,
      update_id: row.updateId,
      process_id: processId,
      attempt: row.attempts + 1,
      ...resumed(db, row.id),
    });
    return { id: row.id, agentId, processId, chatId: row.chatId, text: row.text, stored };
  });
}

function resumed(db: Database, taskId: number): { resumes?: number } {
  const query = `SELECT id FROM events WHERE event_type = 'agent.started' AND json_extract(payload, '$.task_id') = ?
      ORDER BY id DESC LIMIT 1`;
  const resumes = sql(db, query).pluck().get(taskId) as number | undefined;
  return resumes === undefined ? {} : { resumes };
}

/** A message that was in hand at so many deaths of a worker may be what killed it: its chat is told, and it ends. */
const MOST_DEATHS = 2;
const WORKER_DIED = "worker_died";

/**
 * Frees what dead workers had in hand. A worker is dead when the log has its instance's exit, or when this process is
 * its instance, started again in place. Their attempts stay charged: one of them may be what killed the worker.
 */
export function releaseDeadClaims(db: Database, processId: number): number {
  const free = `UPDATE inbox INDEXED BY inbox_open
                   SET locked_by = NULL, locked_at = NULL, updated_at = ${NOW},
                       error = CASE WHEN status = 'in_progress' AND attempts >= ${MOST_DEATHS}
                                    THEN '${WORKER_DIED}' ELSE error END,
                       status = CASE WHEN status <> 'in_progress' THEN status
                                     WHEN attempts >= ${MOST_DEATHS} THEN 'replying' ELSE 'queued' END
                 WHERE ${OPEN} AND locked_by <> @processId AND EXISTS (
                   SELECT 1 FROM events p WHERE p.id = locked_by AND (
                     json_extract(p.payload, '$.instance') = (SELECT json_extract(payload, '$.instance')
                                                                FROM events WHERE id = @processId)
                     OR EXISTS (SELECT 1 FROM events x WHERE x.event_type = 'worker.exited'
                                   AND json_extract(x.payload, '$.instance') = json_extract(p.payload, '$.instance'))))`;
  return sql(db, free).run({ processId }).changes;
}

const STOPPED = { error: "the worker was asked to stop", errorClass: "stopped" };

/** Gives a message back unfinished, for a reason that is not its own: no attempt is charged. */
export function release(db: Database, task: Task, reason: Failure = STOPPED): void {
  inTransaction(db, () => {
    const free = `UPDATE inbox SET status = CASE status WHEN 'in_progress' THEN 'queued' ELSE status END,
                         attempts = attempts - 1, locked_by = NULL, locked_at = NULL, updated_at = ${NOW}
                   WHERE id = ? AND locked_by = ?`;
    requireOwn(sql(db, free).run(task.id, task.processId).changes, task);
    const payload = { task_id: task.id, error: reason.error, error_class: reason.errorClass };
    logEvent(db, task.agentId, EventType.AgentFailed, payload);
  });
}

/** What is to be sent is stored (in the caller's transaction): from here on it is only delivered, never made again. */
export function markReplying(db: Database, task: Task, error: string | null): void {
  const update = `UPDATE inbox SET status = 'replying', error = ?, updated_at = ${NOW}
                   WHERE id = ? AND locked_by = ? AND status = 'in_progress'`;
  requireOwn(sql(db, update).run(error, task.id, task.processId).changes, task);
}

/** A sign of life in a wait that leaves no event. Throws when the claim is lost: the wait is somebody else's now. */
export function showProgress(db: Database, task: Task): void {
  const update = `UPDATE inbox SET updated_at = ${NOW} WHERE id = ? AND locked_by = ?`;
  requireOwn(sql(db, update).run(task.id, task.processId).changes, task);
}

/** Why a message could not be answered, when that is what is to be sent; else null. */
export function storedError(db: Database, taskId: number): string | null {
  return sql(db, "SELECT error FROM inbox WHERE id = ?").pluck().get(taskId) as string | null;
}

/** Ends a message whose reply was sent. */
export function complete(db: Database, task: Task): void {
  end(db, task, "done", null, () => logEvent(db, task.agentId, EventType.AgentCompleted, { task_id: task.id }));
}

/** Ends a message that could not be answered; it keeps its text. */
export function fail(db: Database, task: Task, failure: Failure): void {
  const payload = { task_id: task.id, error: failure.error, error_class: failure.errorClass };
  end(db, task, "failed", failure.error, () => logEvent(db, task.agentId, EventType.AgentFailed, payload));
}

function end(db: Database, task: Task, status: "done" | "failed", error: string | null, record: () => void): void {
  inTransaction(db, () => {
    const update = `UPDATE inbox SET status = ?, error = ?, locked_by = NULL, locked_at = NULL, updated_at = ${NOW}
                     WHERE id = ? AND locked_by = ?`;
    requireOwn(sql(db, update).run(status, error, task.id, task.processId).changes, task);
    record();
  });
}

/** A claim lost while we held it means that the log called this process dead: two are running, so this one goes. */
function requireOwn(changes: number, task: Task): void {
  if (changes !== 1) throw new Error(`message ${task.id} is no longer claimed by process ${task.processId}`);
}
