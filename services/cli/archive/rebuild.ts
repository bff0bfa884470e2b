import type { Database } from "../../../shared/database.ts";

/** Nobody else writes meanwhile: some 2 s for so much, and others wait for 5. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * Writes a database anew, because in the room between its rows older versions of them can be read, and empties the log
 * in front of it. False when it is too large for that, or too busy: then nothing is lost, and some of it may be left.
 */
export function rebuild(db: Database): boolean {
  const { used } = bytesOf(db);
  return used <= MOST_BYTES && vacuumed(db) && isCheckpointed(db);
}

/** The size of a database, and so much of it as holds something. */
export function bytesOf(db: Database): { readonly all: number; readonly used: number } {
  const value = (name: string) => Number(db.pragma(name, { simple: true }));
  const page = value("page_size");
  const pages = value("page_count");
  return { all: pages * page, used: (pages - value("freelist_count")) * page };
}

function vacuumed(db: Database): boolean {
  try {
    db.exec("VACUUM");
    return true;
  } catch (error) {
    if (["SQLITE_FULL", "SQLITE_BUSY"].includes(String((error as { code?: unknown }).code))) return false;
    throw error;
  }
}

function isCheckpointed(db: Database): boolean {
  return Number(db.pragma("wal_checkpoint(TRUNCATE)", { simple: true })) === 0; // the column `busy`
}
