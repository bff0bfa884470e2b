import { lstatSync } from "node:fs";
import { SetupError } from "./setup-error.ts";

/**
 * Refuses a database in whose place, or beside which, lies something else than files: opening a pipe waits for ever for
 * its other end, and a link may lead anywhere. Throws a SetupError that names it. What is not there is not refused.
 */
export function refuseStrangeFiles(database: string): void {
  for (const path of ["", "-wal", "-shm", "-journal"].map((part) => database + part)) {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat && !stat.isFile()) {
      throw new SetupError([`${path} is no regular file, so the database is not opened. Remove it; restore a backup.`]);
    }
  }
}
