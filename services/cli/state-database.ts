import { resolve } from "node:path";
import { type Database, openDatabase, openReadOnly } from "../../shared/database.ts";
import { requireSchema } from "../../shared/schema.ts";

/** Throws a SetupError when there is no database, or none that this program can read. */
export function openForReading(stateDir: string): Database {
  return withSchema(openReadOnly(databaseIn(stateDir)));
}

/** As above, for writing. It never creates a database: only the supervisor does. */
export function openForRequests(stateDir: string): Database {
  openForReading(stateDir).close();
  return withSchema(openDatabase(databaseIn(stateDir)));
}

function databaseIn(stateDir: string): string {
  return resolve(stateDir, "lastgood.db");
}

function withSchema(db: Database): Database {
  requireSchema(db);
  return db;
}
