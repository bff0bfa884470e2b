import { join } from "node:path";
import { type Database, openDatabase } from "../../shared/database.ts";
import { HEARTBEAT_FILE } from "../../shared/files.ts";
import { setLockPatience } from "../../shared/lock-patience.ts";
import { touch } from "./health.ts";

/** So long SQLite itself waits for a lock. Nothing else runs meanwhile, and the shortest HANG_SECONDS is 10. */
const TRY_MS = 1000;
/** Another container's longest command holds the file for some seconds; a lock of 30 s is no command any more. */
const TRIES = 30;

/**
 * The worker's connection. It waits for a lock of another process for 30 s, in the midst of whatever it does, as SQLite
 * does: none of what writes need be able to begin anew. A wait is no hang, so the heartbeat goes on beside it; it is
 * bounded, and what outlasts it ends this process.
 */
export function openPatiently(stateDir: string): Database {
  const db = openDatabase(join(stateDir, "lastgood.db"));
  db.pragma(`busy_timeout = ${TRY_MS}`);
  setLockPatience(db, { tries: TRIES, onWait: () => touch(join(stateDir, HEARTBEAT_FILE)) });
  return db;
}
