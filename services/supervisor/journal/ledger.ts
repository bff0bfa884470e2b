import { inTransaction, openDatabase, sql } from "../../../shared/database.ts";
import { ledgerTables } from "../../../shared/migrations/own-tables.ts";
import { growWal } from "./journal.ts";

/**
 * Which row of the shared file each row of the journal has become. It may lag behind after a power cut: what it does not
 * know yet is looked for by its content before it is written again.
 */
export interface Ledger {
  /** The newest row of the journal that is in the shared file, 0 before the first. */
  mirroredTo(): number;
  /** Null while that row is not in the shared file. */
  sharedIdOf(journalId: number): number | null;
  /** Null when that row of the shared file is none of the journal's. */
  journalIdOf(sharedId: number): number | null;
  note(pairs: readonly { readonly journalId: number; readonly sharedId: number }[]): void;
  /** What came after a row of the journal has to be mirrored again; 0 forgets all, as for a new file. */
  forgetAfter(journalId: number): void;
  /** Up to which row of the shared file claims were looked for. */
  scannedTo(): number;
  noteScanned(sharedId: number): void;
  /** The newest rows that are noted, newest first. */
  newest(limit: number, before?: number): { readonly journalId: number; readonly sharedId: number }[];
  close(): void;
}

export function openLedger(file: string): Ledger {
  const db = openDatabase(file);
  db.pragma("journal_size_limit = -1");
  growWal(db);
  db.exec(ledgerTables);
  return {
    mirroredTo: () => Number(sql(db, "SELECT COALESCE(MAX(journal_id), 0) FROM mirrored").pluck().get()),
    sharedIdOf(journalId) {
      const id = sql(db, "SELECT shared_id FROM mirrored WHERE journal_id = ?").pluck().get(journalId);
      return typeof id === "number" ? id : null;
    },
    journalIdOf(sharedId) {
      const id = sql(db, "SELECT journal_id FROM mirrored WHERE shared_id = ?").pluck().get(sharedId);
      return typeof id === "number" ? id : null;
    },
    note(pairs) {
      const insert = sql(db, "INSERT OR REPLACE INTO mirrored (journal_id, shared_id) VALUES (?, ?)");
      inTransaction(db, () => {
        for (const { journalId, sharedId } of pairs) insert.run(journalId, sharedId);
      });
    },
    forgetAfter: (journalId) => void sql(db, "DELETE FROM mirrored WHERE journal_id > ?").run(journalId),
    scannedTo: () => Number(sql(db, "SELECT COALESCE(MAX(scanned_to), 0) FROM claims").pluck().get()),
    noteScanned: (sharedId) =>
      void sql(db, "INSERT OR REPLACE INTO claims (one, scanned_to) VALUES (1, ?)").run(sharedId),
    newest(limit, before = Number.MAX_SAFE_INTEGER) {
      const query = `SELECT journal_id AS journalId, shared_id AS sharedId FROM mirrored WHERE journal_id < ?
          ORDER BY journal_id DESC LIMIT ?`;
      return sql(db, query).all(before, limit) as { journalId: number; sharedId: number }[];
    },
    close: () => void db.close(),
  };
}
