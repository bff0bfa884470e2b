import { scrub } from "../../../shared/config.ts";
import { type Database, inTransaction, sql } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { type InboxKind, NOW } from "../../../shared/inbox.ts";
import { nextControls, nextMessages, type OpenRow } from "./claimable.ts";
import { SET_ASIDE } from "./dead-claims.ts";

/**
 * The queue: which message is whose. A claim carries the id of the worker's `process.started` (the fencing token), so
 * what a dead worker left is free once the log has its `worker.exited`, and nobody can end another's claim.
 *
 *   queued ─ claim ─▶ in_progress ─ reply or error stored ─▶ replying ─▶ done | failed | set_aside | ignored
 *      ◀── release (stopped, or the worker died) ──┘              └── release keeps what is stored ──▶ replying, free
 *      ◀── scheduleRetry, claimable from not_before on ──┘
 */

/** A claimed message, and the attempt at it: `agentId` is its `agent.started`. */
export interface Task {
  readonly id: number;
  readonly agentId: number;
  readonly processId: number;
  readonly chatId: number;
  readonly kind: InboxKind;
  readonly text: string;
  readonly messageId: number | null;
  readonly senderId: number | null;
  readonly replyToMessageId: number | null;
  /** To answer the press of a button by. */
  readonly callbackId: string | null;
  /** The `agent.started` of the attempt before, null at the first. */
  readonly resumes: number | null;
  /** An earlier attempt stored what is to be sent; only the sending is left. */
  readonly stored: boolean;
  /** Nobody else's message begins while it is in hand. */
  readonly isAlone: boolean;
}

/** How many may be claimed, and which may not: an attempt that was stopped is not over before it has let go. */
export interface Room {
  readonly most: number;
  readonly except?: { has(id: number): boolean };
}

/** Claims messages that are the first open ones of their chats, oldest first, and starts an attempt at each. */
export function claimMessages(db: Database, processId: number, { most, except }: Room): Task[] {
  const isFree = ({ id }: OpenRow) => !except?.has(id);
  return inTransaction(db, () =>
    nextMessages(db, most)
      .filter(isFree)
      .map((row) => begin(db, row, processId)),
  );
}

/** The same for what we answer ourselves, commands and buttons: in order in a chat, never behind a message or a reply. */
export function claimControls(db: Database, processId: number, { most }: Room): Task[] {
  return inTransaction(db, () => nextControls(db, most).map((row) => begin(db, row, processId)));
}

const CLAIM = `UPDATE inbox SET status = ?, attempts = attempts + 1, locked_by = ?, locked_at = ${NOW}, updated_at = ${NOW}
    WHERE id = ?`;

function begin(db: Database, row: OpenRow, processId: number): Task {
  const { attempts, updateId, status, alone, ...known } = row;
  const stored = status === "replying";
  sql(db, CLAIM).run(stored ? "replying" : "in_progress", processId, row.id);
  const resumes = attemptBefore(db, row.id);
  const agentId = logEvent(db, null, EventType.AgentStarted, {
    chat_id: row.chatId,
    task_id: row.id,
    update_id: updateId,
    process_id: processId,
    attempt: attempts + 1,
    ...(resumes === null ? {} : { resumes }),
    ...nameOf(row),
  });
  return { ...known, agentId, processId, resumes, stored, isAlone: alone === 1 };
}

/** A command's name is what it begins with; what follows may be private. */
function nameOf({ kind, text }: OpenRow): { command?: string } {
  if (kind === "message") return {};
  return { command: /^\/?[a-z_]+/i.exec(text)?.[0].toLowerCase() ?? "notice" };
}

function attemptBefore(db: Database, taskId: number): number | null {
  const query = `SELECT id FROM events WHERE event_type = 'agent.started' AND json_extract(payload, '$.task_id') = +?
      ORDER BY id DESC LIMIT 1`;
  return (sql(db, query).pluck().get(taskId) as number | undefined) ?? null;
}

const STOPPED: Failure = { error: "the worker was asked to stop", errorClass: "stopped" };

/**
 * Gives a message back unfinished, for a reason that is not its own: no attempt is charged.
 *
 * @param notForMs so long it is not to be claimed again
 */
export function release(db: Database, task: Task, reason: Failure = STOPPED, notForMs = 0): void {
  inTransaction(db, () => {
    if (wasStopped(db, task)) return;
    const free = `UPDATE inbox SET status = CASE status WHEN 'in_progress' THEN 'queued' ELSE status END,
                         attempts = attempts - 1, locked_by = NULL, locked_at = NULL, updated_at = ${NOW},
                         not_before = CASE WHEN @notForMs > 0 THEN ${NOW} + @notForMs ELSE not_before END
                   WHERE id = @id AND locked_by = @processId`;
    const { id, processId } = task;
    requireOwn(sql(db, free).run({ id, processId, notForMs }).changes, task);
    const payload = { task_id: task.id, error: reason.error, error_class: reason.errorClass };
    logEvent(db, task.agentId, EventType.AgentFailed, payload);
  });
}

/** What a person stopped was ended by the command that stopped it, and may be queued anew by now. */
export function wasStopped(db: Database, { agentId }: Task): boolean {
  const query = `SELECT 1 FROM events WHERE parent_id = ? AND event_type = 'agent.failed'
      AND payload ->> '$.error_class' = 'stopped'`;
  return sql(db, query).get(agentId) !== undefined;
}

const REPLYING = `UPDATE inbox SET status = 'replying', error = ?, updated_at = ${NOW}
    WHERE id = ? AND locked_by = ? AND status = 'in_progress'`;

/** What is to be sent is stored (in the caller's transaction): from here on it is only delivered, never made again. */
export function markReplying(db: Database, task: Task, error: string | null): void {
  requireOwn(sql(db, REPLYING).run(error, task.id, task.processId).changes, task);
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

const ended = (status: string) => `UPDATE inbox SET status = ${status}, error = ?, locked_by = NULL, locked_at = NULL,
    updated_at = ${NOW} WHERE id = ? AND locked_by = ?`;
const ANSWERED = ended("CASE WHEN text IS NULL THEN 'ignored' ELSE 'done' END");
const FAILED = ended(`CASE WHEN error = '${SET_ASIDE}' THEN 'set_aside' ELSE 'failed' END`);

/** Ends a message whose reply was sent. What was never kept, and had an answer all the same, ends as `ignored`. */
export function complete(db: Database, task: Task): void {
  inTransaction(db, () => {
    end(db, task, ANSWERED, null);
    logEvent(db, task.agentId, EventType.AgentCompleted, { task_id: task.id });
  });
}

export interface Failure {
  readonly error: string;
  readonly errorClass: string;
}

/** Ends a message that could not be answered; it keeps its text. */
export function fail(db: Database, task: Task, failure: Failure): void {
  inTransaction(db, () => {
    end(db, task, FAILED, failure.error);
    const payload = { task_id: task.id, error: failure.error, error_class: failure.errorClass };
    logEvent(db, task.agentId, EventType.AgentFailed, payload);
  });
}

function end(db: Database, task: Task, update: string, error: string | null): void {
  requireOwn(sql(db, update).run(error && scrub(error), task.id, task.processId).changes, task);
}

/** A claim lost while we held it means that the log called this process dead: two are running, so this one goes. */
export function requireOwn(changes: number, task: Task): void {
  if (changes !== 1) throw new Error(`message ${task.id} is no longer claimed by process ${task.processId}`);
}
