import { boundedReason } from "../../../shared/bounded-text.ts";
import { SetupError } from "../../../shared/setup-error.ts";
import { Damaged } from "./open-file.ts";
import type { Unable } from "./scribe.ts";

/** SQLite's words (https://sqlite.org/rescode.html) and the system's, by what can be done about each. */
const TROUBLES: readonly (readonly [RegExp, Unable["trouble"]])[] = [
  [/^SQLITE_(BUSY|LOCKED)/, "locked"],
  [/^(SQLITE_FULL|ENOSPC|EDQUOT)/, "full"],
  [/^SQLITE_IOERR_(WRITE|FSYNC|SHMSIZE|SHMMAP|TRUNCATE)/, "full"],
  [/^SQLITE_IOERR_NOMEM/, "refused"],
  [/^SQLITE_(CORRUPT|NOTADB|IOERR|CANTOPEN|READONLY|PERM|AUTH|SCHEMA|TOOBIG)/, "damaged"],
  [/^(EACCES|EPERM|EISDIR|ELOOP|ENXIO|ENOENT)/, "damaged"],
];

/** A malformed schema is told with SQLite's most general code. */
const BROKEN_SCHEMA = /malformed database schema|no such (table|column)|has no column named/;

/** What it means for the shared file that a task threw this. */
export function toUnable(error: unknown): Unable {
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  const reason = boundedReason(code === "" ? message : `${message} (${code})`);
  if (error instanceof Damaged) return { kind: "unable", trouble: "damaged", reason };
  if (error instanceof SetupError) {
    // What the operator is told to mend may pass by itself: a file is not given up for a disk that is full.
    const passing = troubleOf(codeOf(error.cause));
    return { kind: "unable", trouble: passing === "full" || passing === "locked" ? passing : "setup", reason };
  }
  const known = troubleOf(code);
  return { kind: "unable", trouble: known ?? (BROKEN_SCHEMA.test(message) ? "damaged" : "refused"), reason };
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null | undefined)?.code ?? "");
}

function troubleOf(code: string): Unable["trouble"] | undefined {
  return TROUBLES.find(([pattern]) => pattern.test(code))?.[1];
}
