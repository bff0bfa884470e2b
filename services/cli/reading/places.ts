import { join } from "node:path";
import { type Database, openReadOnly } from "../../../shared/database.ts";
import { archivesIn } from "../../../shared/files.ts";
import { SetupError } from "../../../shared/setup-error.ts";
import type { Cli } from "../command.ts";
import { openForReading } from "../state-database.ts";

/** Where a message or an event can be: the database, for which `archive` is null, or an archive beside it. */
export interface Place {
  readonly db: Database;
  readonly archive: string | null;
}

/**
 * Runs `work` over one moment of the database, then the archives, newest first: what leaves the database is in its
 * archive before, so it is seen at least once. An archive that cannot be read is told, and left out.
 */
export function inPlaces<T>(cli: Cli, work: (places: readonly Place[]) => T): T {
  const db = openForReading(cli.stateDir);
  const archives = archivesIn(cli.stateDir)
    .reverse()
    .flatMap((archive) => openArchiveOf(cli, archive) ?? []);
  const places = [{ db, archive: null }, ...archives];
  try {
    return db.transaction(() => work(places))();
  } finally {
    for (const place of places) place.db.close();
  }
}

function openArchiveOf({ stateDir, output }: Cli, archive: string): Place | null {
  try {
    return { db: openReadOnly(join(stateDir, archive)), archive };
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    for (const problem of error.problems) output.note(problem);
    return null;
  }
}
