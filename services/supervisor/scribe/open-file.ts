import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from "node:fs";
import { type Database, openDatabase } from "../../../shared/database.ts";

/** The file cannot be used as it is: it can only be set aside. */
export class Damaged extends Error {
  override readonly name = "Damaged";
}

export interface OpenFile {
  readonly db: Database;
  /** Throws Damaged unless the files at this path are those that were opened, and begin as SQLite's do. */
  assertSame(): void;
  close(): void;
}

/** Longer than any commit here takes, and short enough that a lock which is held is told before the scribe seems silent. */
const BUSY_MS = 300;

/**
 * Opens the shared file, which anybody may have put there. Throws Damaged when it is none that could be ours; what
 * SQLite says is thrown as it is.
 */
export function openSharedFile(path: string, presence: "must exist" | "may be new"): OpenFile {
  const isThere = inodesAt(path)[0] !== null;
  if (!isThere && presence === "must exist") throw new Damaged(`${path} is gone`);
  if (!isThere) openDatabase(path).close(); // makes it
  const header = openHeader(path);
  try {
    if (presence === "must exist") assertHeader(path, header);
    const db = openDatabase(path);
    db.pragma(`busy_timeout = ${BUSY_MS}`);
    db.pragma("trusted_schema = OFF"); // a foreign view or trigger calls no function
    db.pragma("cache_size = -1000");
    db.pragma("foreign_keys = OFF"); // a parent that somebody deleted keeps no row out
    db.pragma("user_version"); // from here on the WAL and its index are there
    return { db, ...watchOver(path, db, header) };
  } catch (error) {
    closeSync(header);
    throw error;
  }
}

function watchOver(path: string, db: Database, header: number): Pick<OpenFile, "assertSame" | "close"> {
  const opened = inodesAt(path).slice(0, OPEN_PARTS);
  return {
    assertSame() {
      const found = inodesAt(path);
      if (found[0] === null) throw new Damaged(`${path} is gone`);
      // A connection goes on with a file that has no name any more; whoever opens it now would not see its rows.
      const n = opened.findIndex((inode, at) => inode !== null && inode !== found[at]);
      if (n !== -1) throw new Damaged(`another file lies at ${path}${PARTS[n]}, or none`);
      assertHeader(path, header); // a connection keeps the first page, and would not notice
    },
    close() {
      db.close();
      closeSync(header);
    },
  };
}

/** What a database in WAL mode consists of while it is open; the last is none of it, and SQLite would read it all the same. */
const PARTS = ["", "-wal", "-shm", "-journal"] as const;
const OPEN_PARTS = 3;

/** Null for each that is not there. A FIFO would block an open for ever, and what a link leads to is not ours. */
function inodesAt(path: string): (number | null)[] {
  return PARTS.map((part) => {
    const found: Stats | undefined = lstatSync(path + part, { throwIfNoEntry: false });
    if (found && !found.isFile()) throw new Damaged(`${path}${part} is not a regular file`);
    return found?.ino ?? null;
  });
}

const MAGIC = "SQLite format 3\0";

/**
 * Beside the connection, and kept open as long: closing any descriptor of a file drops the locks of its whole process
 * (https://sqlite.org/howtocorrupt.html, 2.2), and then whoever closes the file last takes the WAL from under it.
 */
function openHeader(path: string): number {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!fstatSync(file).isFile()) throw new Damaged(`${path} is not a regular file`);
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** Of a file that somebody emptied a connection still reads the WAL; whoever opens it anew throws that away. */
function assertHeader(path: string, file: number): void {
  const header = Buffer.alloc(MAGIC.length);
  readSync(file, header, 0, header.length, 0);
  if (header.toString("latin1") !== MAGIC) throw new Damaged(`${path} is no SQLite database any more`);
}
