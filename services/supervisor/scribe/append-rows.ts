import { type Database, inTransaction, sql } from "../../../shared/database.ts";
import { EventType } from "../../../shared/event-types.ts";
import { openAttempts, processOf } from "../../../shared/worker-process.ts";
import { findAnchor } from "./read-rows.ts";
import type { MirroredRow } from "./shared-file.ts";

/**
 * Appends the journal's rows in their order, all of them or none, and returns the ids that they have here. A row that may
 * have been written before is known again by its content: a row like it that somebody forged says the same.
 *
 * @param after the newest row that surely came before them
 */
export function appendRows(db: Database, { rows, after }: { rows: readonly MirroredRow[]; after: number }): number[] {
  return inTransaction(db, () => {
    const ids: number[] = [];
    let last = after;
    for (const given of rows) {
      const row = given.eventType === EventType.WorkerExited ? withProcess(db, given) : given;
      const known = claimOf(db, row, ids) ?? (row.uncertain ? writtenBefore(db, [row, given], last) : null);
      const id = known ?? append(db, row);
      if (known === null && row.eventType === EventType.WorkerExited) endAttempts(db, row);
      if (row.claim === undefined) last = Math.max(last, id);
      ids.push(id);
    }
    return ids;
  });
}

/** The row that a claim was taken from, while it is there. In a new file its id is another row's. */
function claimOf(db: Database, { claim, eventType }: MirroredRow, others: readonly number[]): number | null {
  if (claim === undefined || others.includes(claim.id)) return null;
  return findAnchor(db, [{ id: claim.id, timestamp: claim.at, eventType }]) === 0 ? claim.id : null;
}

/** @param wordings what it may say: whoever wrote it before may have known less */
function writtenBefore(db: Database, wordings: readonly [MirroredRow, MirroredRow], after: number): number | null {
  const query = `SELECT id FROM events WHERE event_type = ? AND id > ? AND timestamp = ? AND (payload IS ? OR payload IS ?)
      ORDER BY id LIMIT 1`;
  const [{ eventType, timestamp, payload }, { payload: other }] = wordings;
  return (sql(db, query).pluck().get(eventType, after, timestamp, payload, other) as number | undefined) ?? null;
}

function append(db: Database, { parentId, timestamp, eventType, payload }: MirroredRow): number {
  const insert = sql(db, "INSERT INTO events (timestamp, parent_id, event_type, payload) VALUES (?, ?, ?, ?)");
  const id = Number(insert.run(timestamp, parentId, eventType, payload).lastInsertRowid);
  const found = sql(db, "SELECT event_type FROM events WHERE id = ?").pluck().get(id);
  // A foreign trigger may leave out what is inserted, and call it done.
  if (found !== eventType) throw new Error(`the shared file did not keep a row: ${eventType}`);
  return id;
}

/** A worker that died before its first row was heard of: here it stands. */
function withProcess(db: Database, row: MirroredRow): MirroredRow {
  const exit = JSON.parse(row.payload ?? "{}");
  if (exit.process_id !== null) return row;
  return { ...row, payload: JSON.stringify({ ...exit, process_id: processOf(db, exit.instance) }) };
}

/** What the worker left open ends with it, so that no tree stays open for ever. */
export function endAttempts(db: Database, { payload }: Pick<MirroredRow, "payload">): void {
  const { process_id: processId, instance } = JSON.parse(payload ?? "{}");
  if (typeof processId !== "number") return;
  for (const { eventId, taskId } of openAttempts(db, processId)) {
    const failed = { task_id: taskId, error: `worker ${instance} exited`, error_class: "worker_exited" };
    const insert = sql(db, "INSERT INTO events (parent_id, event_type, payload) VALUES (?, ?, ?)");
    insert.run(eventId, EventType.AgentFailed, JSON.stringify(failed));
  }
}
