import { type Database, inTransaction, sql } from "../../../../shared/database.ts";

/**
 * Has the ids of updates start anew from `first`, as after a week of silence, a new token or another API root. What the
 * bot has not confirmed comes with new ids. For proofs and tests alone.
 */
export function restartUpdateIds(db: Database, first: number): void {
  inTransaction(db, () => {
    const waiting = sql(db, "SELECT kind, content FROM updates ORDER BY update_id").raw().all();
    sql(db, "DELETE FROM updates").run();
    sql(db, "UPDATE sqlite_sequence SET seq = ? WHERE name = 'updates'").run(first - 1);
    for (const update of waiting) sql(db, "INSERT INTO updates (kind, content) VALUES (?, ?)").run(update);
  });
}
