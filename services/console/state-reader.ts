import { type Database, openReadOnly } from "../../shared/database.ts";
import { requireSchema } from "../../shared/schema.ts";
import { SetupError } from "../../shared/setup-error.ts";

/** The database, or why it cannot be read yet, in words for a person. */
export type State =
  | { readonly kind: "open"; readonly db: Database }
  | { readonly kind: "absent"; readonly why: string };

export interface StateReader {
  /** Opens the file as soon as the supervisor has made it, and keeps it open. */
  open(): State;
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
        if (error instanceof SetupError) return { kind: "absent", why: error.problems.join(" ") };
        throw error;
      }
    },
    close: () => db?.close(),
  };
}

function closeUnless(db: Database, succeeds: () => void): void {
  try {
    succeeds();
  } catch (error) {
    db.close();
    throw error;
  }
}
