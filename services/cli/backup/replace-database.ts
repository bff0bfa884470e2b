import { copyFileSync, existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openDatabase, openReadOnly } from "../../../shared/database.ts";
import { DATABASE_FILE } from "../../../shared/files.ts";
import { initSchema } from "../../../shared/schema.ts";
import { copyDatabase, settleCopy, verifyDatabase } from "./copy-database.ts";
import { dropJournal } from "./packed-journal.ts";
import { freeNameFor } from "./whoever-runs.ts";

/** Whoever dies here leaves the old database or the new one in its place. Returns where the old one is kept. */
export async function replaceDatabase(source: string, stateDir: string, now: Date): Promise<string | null> {
  const file = join(stateDir, DATABASE_FILE);
  const kept = existsSync(file) ? freeNameFor(stateDir, now) : null;
  if (kept !== null && isWhole(file)) {
    await copyAll(file, kept);
    settleCopy(kept);
    await copyAll(source, file); // in one transaction of SQLite's
  } else {
    if (kept !== null) for (const part of presentParts(file)) copyFileSync(file + part, kept + part);
    await putInPlace(source, file);
  }
  const db = openDatabase(file);
  dropJournal(db);
  initSchema(db);
  db.close();
  return kept;
}

/** For a place where no database is, or a damaged one, which nobody can open for a transaction. */
async function putInPlace(source: string, file: string): Promise<void> {
  const fresh = `${file}.part`;
  for (const part of presentParts(fresh)) rmSync(fresh + part); // of a restore that was killed
  openDatabase(fresh, "DELETE").close(); // with the mode that both services can write
  await copyAll(source, fresh);
  settleCopy(fresh);
  for (const log of presentParts(file).filter((part) => part !== "")) rmSync(file + log);
  renameSync(fresh, file);
}

function presentParts(file: string): string[] {
  return ["", "-journal", "-wal", "-shm"].filter((part) => existsSync(file + part));
}

function isWhole(file: string): boolean {
  try {
    verifyDatabase(file);
    return true;
  } catch {
    return false; // whatever it is: a backup is about to take its place
  }
}

async function copyAll(from: string, to: string): Promise<void> {
  const db = openReadOnly(from);
  try {
    await copyDatabase(db, to);
  } finally {
    db.close();
  }
}
