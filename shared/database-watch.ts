import { existsSync, watch } from "node:fs";
import { every, systemClock } from "./clock.ts";
import type { Database } from "./database.ts";

/** The event of the write can come before the commit can be read, so the look is repeated after this. */
const LOOK_AGAIN_MS = 2;
/** The net below the file events, which may be dropped; reading data_version costs microseconds. */
const POLL_MS = 250;

/**
 * Calls `onChange` after another connection committed to the database, until `signal` aborts. It is only a reason to
 * look: it may come late, once for several commits, and says nothing about what changed.
 */
export function watchDatabase(db: Database, onChange: () => void, signal: AbortSignal): void {
  let seen = dataVersion(db);
  const look = () => {
    if (signal.aborted) return;
    const version = dataVersion(db);
    if (version === seen) return;
    seen = version;
    onChange();
  };
  every(POLL_MS, look, signal);
  const log = `${db.name}-wal`;
  if (!existsSync(log)) return; // the poll alone serves until the next start
  const watcher = watch(log, { signal }, () => {
    look();
    void systemClock.sleep(LOOK_AGAIN_MS, signal).then(look);
  });
  watcher.on("error", () => watcher.close()); // the poll goes on
}

function dataVersion(db: Database): number {
  return Number(db.pragma("data_version", { simple: true }));
}
