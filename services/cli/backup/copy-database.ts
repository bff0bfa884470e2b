import { closeSync, fsyncSync, openSync } from "node:fs";
import { type Database, openDatabase, openReadOnly } from "../../../shared/database.ts";
import { refuseOtherGeneration, schemaVersion } from "../../../shared/schema.ts";
import { SetupError } from "../../../shared/setup-error.ts";
import { hasJournal, packJournal } from "./packed-journal.ts";

/** More than any database has: a copy in several steps starts anew whenever another process writes, and never ends. */
const ALL_PAGES = 1_000_000_000;

/** What a copy holds, for whoever wants to know that it is the right one. */
export interface Contents {
  readonly events: number;
  readonly messages: number;
  /** Events of the supervisor's journal; null when it is not in there. */
  readonly journal: number | null;
}

/**
 * Writes what a database holds at one moment to a new file, while others write to it: without unused room, and so
 * without what was erased; then the supervisor's journal, where there is one. It is on the disk once this returns.
 */
export function writeBackup(db: Database, target: string, ownDir: string | null): void {
  db.prepare("VACUUM INTO ?").run(target);
  packJournal(target, ownDir);
  const file = openSync(target, "r+");
  fsyncSync(file);
  closeSync(file);
}

/** Copies a whole database in one consistent step, while others write to it, and over what the target holds: in one transaction of SQLite's. */
export async function copyDatabase(db: Database, target: string): Promise<void> {
  await db.backup(target, { progress: () => ALL_PAGES });
}

/** Makes a copy one single file, without a write-ahead log beside it. */
export function settleCopy(file: string): void {
  openDatabase(file, "DELETE").close();
}

/** Reads all of a copy. Throws a SetupError when it is damaged, or of a program that we are not. */
export function verifyDatabase(file: string): Contents {
  const db = openReadOnly(file);
  try {
    const problems = db.pragma("integrity_check(10)", { simple: true });
    if (problems !== "ok") throw new SetupError([`${file} is damaged: ${problems}`]);
    refuseOtherGeneration(db);
    if (schemaVersion(db) === 0) throw new SetupError([`${file} is not a backup of Lastgood: it has no schema of it.`]);
    const journal = hasJournal(db) ? countOf(db, "journal") : null;
    return { events: countOf(db, "events"), messages: countOf(db, "inbox"), journal };
  } finally {
    db.close();
  }
}

function countOf(db: Database, table: "events" | "inbox" | "journal"): number {
  return Number(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
}
