import { type Database, sql } from "../../../shared/database.ts";
import { isTold } from "./told.ts";

/** An automatic rollback that nobody has been told of. */
export interface UntoldRollback {
  /** Its `rollback.attempted`. */
  readonly eventId: number;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  /** What the worker that was given up on printed last, oldest first; without secrets, as events are. */
  readonly lastLines: readonly string[];
}

/** The newest automatic rollback that succeeded, or null when there is none or its `operator.told` is in the log. */
export function untoldRollback(db: Database): UntoldRollback | null {
  // By hand, the operator did it: nothing new to them.
  const query = `
    SELECT id AS eventId, payload ->> '$.from_revision' AS "from", payload ->> '$.target_revision' AS "to",
           payload ->> '$.reason' AS reason
      FROM events WHERE event_type = 'rollback.attempted'
       AND payload ->> '$.success' AND payload ->> '$.reason' <> 'requested' ORDER BY id DESC LIMIT 1`;
  const rollback = sql(db, query).get() as Omit<UntoldRollback, "lastLines"> | undefined;
  if (!rollback || isTold(db, rollback.eventId)) return null;
  return { ...rollback, lastLines: lastLinesOf(db, rollback.from, rollback.eventId) };
}

function lastLinesOf(db: Database, revision: string, before: number): readonly string[] {
  const query = `SELECT payload ->> '$.log_tail' FROM events WHERE event_type = 'worker.exited' AND id < ?
      AND payload ->> '$.revision' = ? ORDER BY id DESC LIMIT 1`;
  const tail = sql(db, query).pluck().get(before, revision) as string | null | undefined;
  return tail ? JSON.parse(tail) : [];
}
