import { resolve } from "node:path";
import { type Database, openDatabase, openReadOnly } from "../../shared/database.ts";
import { requireSchema } from "../../shared/schema.ts";
import { whyUnreadable } from "../../shared/why-unreadable.ts";

/** Throws a SetupError when there is no database, or none that this program can read. */
export function openForReading(stateDir: string): Database {
  return withSchema(openReadOnly(databaseIn(stateDir)));
}

/** As above, for writing. It never creates a database: only the supervisor does. */
export function openForRequests(stateDir: string): Database {
  openForReading(stateDir).close();
  return withSchema(openDatabase(databaseIn(stateDir)));
}

export type Reading<T> =
  | { readonly kind: "read"; readonly value: T }
  /** `cause`: what was thrown, for those who have nothing else to go by. */
  | { readonly kind: "unreadable"; readonly why: string; readonly cause: unknown };

/** Reads one moment of the database, or says why that cannot be done: it is not there, or locked, or broken. */
export function tryReading<T>(stateDir: string, read: (db: Database) => T): Reading<T> {
  try {
    const db = openForReading(stateDir);
    try {
      return { kind: "read", value: db.transaction(() => read(db))() };
    } finally {
      db.close();
    }
  } catch (cause) {
    const why = whyUnreadable(cause);
    if (why === null) throw cause;
    return { kind: "unreadable", why, cause };
  }
}

function databaseIn(stateDir: string): string {
  return resolve(stateDir, "lastgood.db");
}

function withSchema(db: Database): Database {
  requireSchema(db);
  return db;
}
