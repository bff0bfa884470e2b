import { ownValue } from "./own-value.ts";
import { SetupError } from "./setup-error.ts";

/** What the operating system or SQLite refuses on opening is the operator's to mend, so it is said in their words. */
export function settingUp<T>(path: string, open: () => T): T {
  try {
    return open();
  } catch (cause) {
    const code = String((cause as { code?: unknown } | null)?.code);
    const remedy = remedyFor(code);
    if (!remedy) throw cause;
    throw new SetupError([`${path} cannot be opened (${code}). ${remedy}`], { cause });
  }
}

/** What an operator does about an error of the system's or of SQLite's, by its code; undefined when nothing is known. */
export function remedyFor(code: string): string | undefined {
  return ownValue(REMEDIES, code) ?? ownValue(REMEDIES, primaryCode(code));
}

/** "SQLITE_READONLY_DIRECTORY" is a kind of "SQLITE_READONLY" (https://sqlite.org/rescode.html). */
function primaryCode(code: string): string {
  return code.split("_").slice(0, 2).join("_");
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: "The directory does not exist: create it, or mount the state volume there.",
  EACCES: "Give this process's user write access to the directory and the files in it.",
  EPERM: "Give this process's user write access to the directory and the files in it.",
  EROFS: "The file system is read-only: mount it for writing.",
  ENOSPC: "The disk is full: free some space.",
  SQLITE_CANTOPEN: "Check that the directory exists and that this process's user may write to it.",
  SQLITE_READONLY_ROLLBACK: "Whoever wrote it was killed in the middle: begin the same again, which puts it right.",
  SQLITE_READONLY: "Give this process's user write access to the file and its directory.",
  SQLITE_NOTADB: "It is not a SQLite database: move it away, or restore a backup.",
  SQLITE_FULL: "The disk is full: free some space.",
  SQLITE_CORRUPT: "It is damaged: restore a backup.",
};
