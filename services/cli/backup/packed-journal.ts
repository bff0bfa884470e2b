import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Database, inTransaction, openDatabase, openReadOnly, sql } from "../../../shared/database.ts";
import { JOURNAL_FILE, LEDGER_FILE } from "../../../shared/files.ts";

/**
 * The supervisor's journal as a backup has it: one more table beside the three, with the journal's rows, and for each the
 * id of the row that it has become among the backup's events.
 */
const PACKED = `CREATE TABLE journal (
    id INTEGER PRIMARY KEY, timestamp INTEGER NOT NULL, parent_id INTEGER, event_type TEXT NOT NULL, payload TEXT,
    shared_id INTEGER
  ) STRICT`;

export interface JournalRow {
  readonly id: number;
  readonly timestamp: number;
  readonly parentId: number | null;
  readonly eventType: string;
  readonly payload: string | null;
}

export interface PackedRow extends JournalRow {
  readonly sharedId: number | null;
}

const COLUMNS = "id, timestamp, parent_id AS parentId, event_type AS eventType, payload";

/**
 * Puts the journal into a copy of the shared file that was made before, so that no event of the copy is missing in it.
 * What is called so there already was made by somebody who may write the shared file: it must not become the journal.
 */
export function packJournal(copy: string, ownDir: string | null): void {
  const db = openDatabase(copy, "DELETE");
  try {
    inTransaction(db, () => {
      dropJournal(db);
      if (ownDir !== null && existsSync(join(ownDir, JOURNAL_FILE))) pack(db, ownDir);
    });
  } finally {
    db.close();
  }
}

/** Where the ledger says that a row is, and nothing like it is in the copy, it came there later. */
function pack(copy: Database, ownDir: string): void {
  copy.exec(PACKED);
  const insert = sql(
    copy,
    `INSERT INTO journal VALUES (@id, @timestamp, @parentId, @eventType, @payload,
      (SELECT id FROM events WHERE id = @sharedId AND event_type = @eventType))`,
  );
  const sharedIds = ledgerOf(ownDir);
  const journal = openReadOnly(join(ownDir, JOURNAL_FILE));
  try {
    const rows = journal.prepare(`SELECT ${COLUMNS} FROM events ORDER BY id`).iterate();
    for (const row of rows as Iterable<JournalRow>) insert.run({ ...row, sharedId: sharedIds.get(row.id) ?? null });
  } finally {
    journal.close();
  }
}

function ledgerOf(ownDir: string): ReadonlyMap<number, number> {
  if (!existsSync(join(ownDir, LEDGER_FILE))) return new Map();
  const ledger = openReadOnly(join(ownDir, LEDGER_FILE));
  try {
    const pairs = ledger.prepare("SELECT journal_id, shared_id FROM mirrored").raw().all();
    return new Map(pairs as [number, number][]);
  } finally {
    ledger.close();
  }
}

/** The rows of a backup's journal, oldest first. */
export function packedRows(backup: Database): Iterable<PackedRow> {
  const query = `SELECT ${COLUMNS}, shared_id AS sharedId FROM journal ORDER BY id`;
  return backup.prepare(query).iterate() as Iterable<PackedRow>; // the columns above
}

export function hasJournal(db: Database): boolean {
  return kindsOfJournal(db).includes("table");
}

/** Leaves the three tables. */
export function dropJournal(db: Database): void {
  for (const kind of kindsOfJournal(db)) db.exec(`DROP ${kind.toUpperCase()} IF EXISTS journal`);
}

/** A table and a trigger may have one name. */
function kindsOfJournal(db: Database): string[] {
  const query = "SELECT type FROM sqlite_schema WHERE name = 'journal' COLLATE NOCASE";
  return db.prepare(query).pluck().all() as string[];
}
