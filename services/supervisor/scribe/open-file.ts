import { closeSync, lstatSync, openSync, readSync } from "node:fs";
import { type Database, openDatabase } from "../../../shared/database.ts";

/** The file cannot be used as it is: it can only be set aside. */
export class Damaged extends Error {
  override readonly name = "Damaged";
}

export interface OpenFile {
  readonly db: Database;
  readonly inode: bigint;
}

/** Longer than any commit here takes, and short enough that a lock which is held is told before the scribe seems silent. */
export const BUSY_MS = 300;

/**
 * Opens the shared file, which anybody may have put there. Throws Damaged when it is none that could be ours; what
 * SQLite says is thrown as it is.
 */
export function openSharedFile(path: string, presence: "must exist" | "may be new", busyMs = BUSY_MS): OpenFile {
  if (inodeOf(path) === null) {
    if (presence === "must exist") throw new Damaged(`${path} is gone`);
  } else assertHeader(path);
  const db = openDatabase(path);
  db.pragma(`busy_timeout = ${busyMs}`);
  db.pragma("trusted_schema = OFF"); // a foreign view or trigger calls no function
  db.pragma("cache_size = -1000");
  db.pragma("foreign_keys = OFF"); // a parent that somebody deleted keeps no row out
  return { db, inode: inodeOf(path) ?? 0n };
}

/** Throws Damaged unless the file at this path is the one that was opened, and begins as one of SQLite's. */
export function assertSame(path: string, { inode }: OpenFile): void {
  const found = inodeOf(path);
  if (found === null) throw new Damaged(`${path} is gone`);
  if (found !== inode) throw new Damaged(`another file lies at ${path}`);
  assertHeader(path); // a connection keeps the first page, and would not notice
}

/** Null when there is none. A FIFO would block an open for ever, and what a link leads to is not ours. */
function inodeOf(path: string): bigint | null {
  for (const name of [path, `${path}-wal`, `${path}-shm`, `${path}-journal`]) {
    const found = lstatSync(name, { throwIfNoEntry: false });
    if (found && !found.isFile()) throw new Damaged(`${name} is not a regular file`);
  }
  return lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino ?? null;
}

const MAGIC = "SQLite format 3\0";

function assertHeader(path: string): void {
  const file = openSync(path, "r");
  try {
    const header = Buffer.alloc(MAGIC.length);
    const length = readSync(file, header, 0, header.length, 0);
    if (length > 0 && header.toString("latin1") !== MAGIC) throw new Damaged(`${path} is no SQLite database any more`);
  } finally {
    closeSync(file);
  }
}
