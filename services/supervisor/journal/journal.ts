import { type Database, inTransaction, openDatabase } from "../../../shared/database.ts";
import { journalTables } from "../../../shared/migrations/own-tables.ts";

/**
 * The supervisor's own record of what it heard, decided and did, on a volume that no worker mounts: every decision folds
 * over it. One table, `events`, as the shared file has it, so that the same functions read both. What it heard of a
 * worker are rows like the others; each has the id of its row in the shared file as `claim`.
 */
export function openJournal(file: string): Database {
  const db = openDatabase(file);
  // What the shared file has for good, a power cut must not take from here.
  db.pragma("synchronous = FULL");
  db.pragma("journal_size_limit = -1");
  inTransaction(db, () => {
    if (db.pragma("user_version", { simple: true }) === 0) db.exec(journalTables);
  });
  growWal(db);
  return db;
}

/** Some thousand rows: on a full disk a rollback is recorded all the same. */
const WAL_BYTES = 4 * 1024 * 1024;

/** What a transaction spills into the write-ahead log stays there as room when it is undone. */
export function growWal(db: Database): void {
  db.pragma("cache_size = 10");
  try {
    db.exec(
      `BEGIN IMMEDIATE; CREATE TABLE room (bytes BLOB); INSERT INTO room VALUES (zeroblob(${WAL_BYTES})); ROLLBACK`,
    );
  } catch {
    if (db.inTransaction) db.exec("ROLLBACK"); // a disk that is full already has no room to give
  } finally {
    db.pragma("cache_size = -2000");
  }
}

/** Lets the ids go on above those of the shared file, so that no name which is made of one is used again. */
export function beginAbove(journal: Database, id: number): void {
  const newest = journal.prepare("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'events'").run(id);
  if (newest.changes === 0) journal.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES ('events', ?)").run(id);
}
