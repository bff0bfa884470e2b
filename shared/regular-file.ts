import { lstatSync, type Stats } from "node:fs";
import { SetupError } from "./setup-error.ts";

/** What SQLite opens for a database: the file, and what it puts beside it. */
const PARTS = ["", "-wal", "-shm", "-journal"];

/**
 * Throws a SetupError unless what lies at a database's path, and beside it, is regular files, or nothing. Whoever may write
 * in the directory could put a FIFO there, which is opened for ever, or a link to a file of somebody else's.
 */
export function assertRegularFiles(file: string): void {
  const problems = PARTS.flatMap((part) => problemWith(file + part) ?? []);
  if (problems.length > 0) throw new SetupError(problems);
}

/** Whether there is a regular file at a path; a link to one is none. */
export function isRegularFile(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

function problemWith(path: string): string | null {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found || found.isFile()) return null;
  return `${path} is ${kindOf(found)}, where a file should be, so it is not opened. Move it away; if lastgood.db is missing then, start the supervisor, or restore a backup.`;
}

function kindOf(found: Stats): string {
  if (found.isFIFO()) return "a FIFO";
  if (found.isSymbolicLink()) return "a symbolic link";
  if (found.isDirectory()) return "a directory";
  return found.isSocket() ? "a socket" : "a device";
}
