import type { Database } from "../../../shared/database.ts";
import { newestEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import type { SchemaMade } from "../scribe/shared-file.ts";

/** What was restored since is brought up to date first, as a file that was never met. */
export function schemaMade(journal: Database): SchemaMade | null {
  const made = newestEvent(journal, EventType.SchemaMade);
  return made && made.id > restoredAt(journal) ? made.payload : null;
}

/** By which row of the journal a backup was restored last; 0 when none was. */
export function restoredAt(journal: Database): number {
  return newestEvent(journal, EventType.LogRestored)?.id ?? 0;
}
