import { SetupError } from "./setup-error.ts";

/**
 * In words, when an error is about the database and not a mistake of this program; else null. Our queries are tested, so
 * SQLite's own word for a mistake in one means that a table or a column is gone.
 */
export function whyUnreadable(error: unknown): string | null {
  if (error instanceof SetupError) return error.problems.join(" ");
  const { code, message } = error as { code?: unknown; message?: unknown };
  return typeof code === "string" && code.startsWith("SQLITE_") ? `${message} (${code})` : null;
}
