import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, openDatabase } from "./database.ts";
import { initSchema } from "./schema.ts";

export interface TemporaryDatabase {
  readonly db: Database;
  readonly file: string;
  readonly directory: string;
  /** A further connection to the same file, as another process would have. */
  connect(): Database;
  remove(): void;
}

/** For tests: a real database file in a directory of its own. */
export function temporaryDatabase(): TemporaryDatabase {
  const directory = mkdtempSync(join(tmpdir(), "lastgood-"));
  const file = join(directory, "lastgood.db");
  const connections: Database[] = [];
  const connect = () => {
    const db = openDatabase(file);
    connections.push(db);
    return db;
  };
  const db = connect();
  initSchema(db);
  const remove = () => {
    for (const connection of connections) connection.close();
    rmSync(directory, { recursive: true });
  };
  return { db, file, directory, connect, remove };
}
