import { type Database, openReadOnly } from "../../shared/database.ts";
import { requireSchema } from "../../shared/schema.ts";
import { whyUnreadable } from "../../shared/why-unreadable.ts";

/** The database, or why it cannot be read at the moment, in words for a person. */
export type State =
  | { readonly kind: "open"; readonly db: Database }
  | { readonly kind: "absent"; readonly why: string };

export interface StateReader {
  /** Opens the file as soon as the supervisor has made it, and keeps it open. */
  open(): State;
  /** Opens it anew the next time: what was open is broken, or is no longer what lies there. */
  reopen(): void;
  close(): void;
}

/** The pages' own connection to the log, for reading alone. */
export function createStateReader(file: string): StateReader {
  let db: Database | null = null;
  return {
    open() {
      if (db) return { kind: "open", db };
      try {
        const opened = openReadOnly(file);
        closeUnless(opened, () => requireSchema(opened));
        db = opened;
        return { kind: "open", db };
      } catch (error) {
        const why = whyUnreadable(error);
        if (why === null) throw error;
        return { kind: "absent", why };
      }
    },
    reopen() {
      db = null; // not closed: a stream may still be reading from it, and is told by its own error
    },
    close: () => db?.close(),
  };
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
