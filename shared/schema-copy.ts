import { openInMemory } from "./database.ts";
import { initSchema } from "./schema.ts";

/**
 * The file of a database that has this program's schema and not a single row. It is one file (`journal_mode = DELETE`),
 * so it can be read where nothing can be written: what reads a WAL database has to make its `-shm` first.
 */
export function schemaCopy(): Buffer {
  const db = openInMemory();
  try {
    initSchema(db);
    return db.serialize();
  } finally {
    db.close();
  }
}
