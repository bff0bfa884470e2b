import type { Context } from "hono";
import { type Database, inTransaction, openDatabase } from "../../shared/database.ts";
import { requireSchema } from "../../shared/schema.ts";
import type { StateReader } from "./state-reader.ts";

/** Who asks, for the log: whoever the console let in. */
export const OPERATOR = { by: "operator", from: "console" } as const;

/**
 * Does one thing that an operator asked for, in one transaction of a connection that is open for no longer. Null when
 * there is no database yet: the supervisor alone creates it.
 */
export function operatorWrites<T>(state: StateReader, work: (db: Database) => T): T | null {
  const seen = state.open();
  if (seen.kind === "absent") return null;
  const db = openDatabase(seen.db.name);
  try {
    requireSchema(db);
    return inTransaction(db, () => work(db));
  } finally {
    db.close();
  }
}

/** One field of a form. */
export async function formField(c: Context, name: string): Promise<string> {
  const value = (await c.req.parseBody())[name];
  return typeof value === "string" ? value.trim() : "";
}
