import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Database, inTransaction, openDatabase, openReadOnly, sql } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { type EventPayloads, EventType } from "../../../shared/event-types.ts";
import { JOURNAL_FILE, LEDGER_FILE } from "../../../shared/files.ts";
import { journalTables, ledgerTables } from "../../../shared/migrations/own-tables.ts";
import { SetupError } from "../../../shared/setup-error.ts";
import { packedRows } from "./packed-journal.ts";
import { freeNameFor } from "./whoever-runs.ts";

type Restored = Omit<EventPayloads["log.restored"], "journal">;

export interface JournalOutcome {
  /** `none`: neither here nor in the backup; `elsewhere`: this container has no OWN_DIR. */
  readonly journal: EventPayloads["log.restored"]["journal"] | "none" | "elsewhere";
  /** Where the journal is that was here; null when none was put aside. */
  readonly journalKept: string | null;
}

/** Called once the database is restored. */
export type RestoreJournal = (restored: Restored, now: Date) => JournalOutcome;

/**
 * What is to be done about the supervisor's journal: an empty one is filled from the backup, one that is there stays
 * unless the operator asks otherwise. Throws a SetupError where that cannot be done, before anything is touched.
 */
export function planForJournal(
  ownDir: string | null,
  { backup, isPacked, isAsked }: { readonly backup: string; readonly isPacked: boolean; readonly isAsked: boolean },
): RestoreJournal {
  if (isAsked && !isPacked) throw new SetupError([`${backup} has no journal: restore it without --journal.`]);
  if (ownDir === null) {
    if (isAsked) throw new SetupError(["There is no OWN_DIR here: restore in the supervisor's container."]);
    return () => ({ journal: "elsewhere", journalKept: null });
  }
  const file = join(ownDir, JOURNAL_FILE);
  if (!isAsked && hasEvents(file)) return (restored) => tellJournal(file, restored);
  if (!isPacked) return () => ({ journal: "none", journalKept: null });
  return (restored, now) => {
    const kept = existsSync(file) ? freeNameFor(ownDir, now) : null;
    return putJournal({ backup, ownDir, kept }, restored);
  };
}

/** Throws a SetupError when it is damaged. */
function hasEvents(file: string): boolean {
  if (!existsSync(file)) return false;
  const db = openReadOnly(file);
  try {
    const isMade = db.pragma("user_version", { simple: true }) !== 0;
    return isMade && db.prepare("SELECT 1 FROM events LIMIT 1").get() !== undefined;
  } finally {
    db.close();
  }
}

/** The supervisor looks then for the newest of its rows that the restored file has, and mirrors the rest again. */
function tellJournal(file: string, restored: Restored): JournalOutcome {
  const db = openDatabase(file);
  db.pragma("synchronous = FULL");
  logEvent(db, null, EventType.LogRestored, { ...restored, journal: "stayed" });
  db.close();
  return { journal: "stayed", journalKept: null };
}

/**
 * Makes the backup's journal the supervisor's, its ids and all. Where somebody dies over it there is the journal of
 * before, or none, or the new one; and never a ledger that is another journal's.
 */
function putJournal(
  { backup, ownDir, kept }: { readonly backup: string; readonly ownDir: string; readonly kept: string | null },
  restored: Restored,
): JournalOutcome {
  const [journal, ledger] = [join(ownDir, JOURNAL_FILE), join(ownDir, LEDGER_FILE)];
  remove(journal + PART);
  remove(ledger + PART);
  const source = openReadOnly(backup);
  fillJournal(journal + PART, source, restored);
  fillLedger(ledger + PART, source);
  source.close();
  remove(ledger);
  if (kept === null) remove(journal);
  else for (const suffix of present(journal)) renameSync(journal + suffix, kept + suffix);
  renameSync(journal + PART, journal);
  renameSync(ledger + PART, ledger);
  return { journal: "restored", journalKept: kept };
}

function present(file: string): string[] {
  return ["", "-wal", "-shm", "-journal"].filter((suffix) => existsSync(file + suffix));
}

function remove(file: string): void {
  for (const suffix of present(file)) rmSync(file + suffix);
}

const PART = ".part";

function fillJournal(file: string, source: Database, restored: Restored): void {
  const db = openDatabase(file, "DELETE");
  db.pragma("synchronous = FULL");
  inTransaction(db, () => {
    db.exec(journalTables);
    const query = "INSERT INTO events (id, timestamp, parent_id, event_type, payload) VALUES (?, ?, ?, ?, ?)";
    const insert = sql(db, query);
    for (const { id, timestamp, parentId, eventType, payload } of packedRows(source))
      insert.run(id, timestamp, parentId, eventType, payload);
    logEvent(db, null, EventType.LogRestored, { ...restored, journal: "restored" });
  });
  db.close();
}

/** Rows are in the shared file in the journal's order: what comes after the first that is not there is looked for anew. */
function fillLedger(file: string, source: Database): void {
  const db = openDatabase(file, "DELETE");
  inTransaction(db, () => {
    db.exec(ledgerTables);
    const insert = sql(db, "INSERT INTO mirrored (journal_id, shared_id) VALUES (?, ?)");
    for (const { id, sharedId } of packedRows(source)) {
      if (sharedId === null) break;
      insert.run(id, sharedId);
    }
  });
  db.close();
}
