import { lstatSync } from "node:fs";
import { type Database, openReadOnly } from "../../shared/database.ts";
import { requireSchema } from "../../shared/schema.ts";
import { whyUnreadable } from "../../shared/why-unreadable.ts";

/** The database, or why it cannot be read at the moment, in words for a person. */
export type State =
  | { readonly kind: "open"; readonly db: Database }
  | { readonly kind: "absent"; readonly why: string };

export interface StateReader {
  /** Opens the file as soon as the supervisor has made it, and keeps it open for as long as it lies there. */
  open(): State;
  /** Opens it anew the next time: what was open is broken. */
  reopen(): void;
  close(): void;
}

/** The pages' own connection to the log, for reading alone. */
export function createStateReader(file: string): StateReader {
  let kept: { readonly db: Database; readonly inode: bigint | null } | null = null;
  return {
    open() {
      // What was replaced goes on being readable, and tells of what was.
      const inode = inodeOf(file);
      if (kept?.inode === inode) return { kind: "open", db: kept.db };
      kept = null; // not closed: a stream may still be reading from it, and ends by itself
      try {
        const db = openReadOnly(file);
        closeUnless(db, () => requireSchema(db));
        kept = { db, inode };
        return { kind: "open", db };
      } catch (error) {
        const why = whyUnreadable(error);
        if (why === null) throw error;
        return { kind: "absent", why };
      }
    },
    reopen() {
      kept = null; // not closed: a stream may still be reading from it, and is told by its own error
    },
    close: () => kept?.db.close(),
  };
}

/** Null when nothing is there. */
function inodeOf(file: string): bigint | null {
  return lstatSync(file, { bigint: true, throwIfNoEntry: false })?.ino ?? null;
}

export type Read<T> =
  | { readonly kind: "read"; readonly value: T }
  | { readonly kind: "unreadable"; readonly why: string };

/** Reads one moment of the log, or says why it cannot be read. */
export function readLog<T>(state: StateReader, read: (db: Database) => T): Read<T> {
  const seen = state.open();
  if (seen.kind === "absent") return { kind: "unreadable", why: seen.why };
  try {
    return { kind: "read", value: seen.db.transaction(() => read(seen.db))() };
  } catch (error) {
    const why = whyUnreadable(error);
    if (why === null) throw error;
    if (!isPassing(error)) state.reopen();
    return { kind: "unreadable", why };
  }
}

/** Somebody keeps it to himself for the moment. */
function isPassing(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(String((error as { code?: unknown }).code));
}

function closeUnless(db: Database, succeeds: () => void): void {
  try {
    succeeds();
  } catch (error) {
    db.close();
    throw error;
  }
}
