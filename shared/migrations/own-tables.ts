import { imageLookups } from "./image-lookups.ts";
import { eventsTable } from "./three-tables.ts";

/** The supervisor's journal, made by the supervisor or by whoever restores it. */
export const journalTables = `${eventsTable}${imageLookups} PRAGMA user_version = 1;`;

/** Which row of the shared file each row of the journal has become, and up to where that file was read for claims. */
export const ledgerTables = `
  CREATE TABLE IF NOT EXISTS mirrored (journal_id INTEGER PRIMARY KEY, shared_id INTEGER NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS mirrored_by_shared ON mirrored (shared_id);
  CREATE TABLE IF NOT EXISTS claims (one INTEGER PRIMARY KEY CHECK (one = 1), scanned_to INTEGER NOT NULL) STRICT;
`;
