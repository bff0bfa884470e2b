import { existsSync } from "node:fs";
import { join } from "node:path";
import { openReadOnly, tryLock } from "../../../shared/database.ts";
import { DATABASE_FILE, HEARTBEAT_FILE, mtimeOf } from "../../../shared/files.ts";
import { makeRequestsDirectory } from "../../../shared/requests/requests-directory.ts";
import { supervisorLockOf } from "../../../shared/requests/supervisor-view.ts";
import { newestWorker } from "../../../shared/worker-state.ts";
import type { Cli } from "../command.ts";

/** A worker touches its heartbeat every 5 s while it gets on. */
const HEARTBEAT_FRESH_MS = 20_000;

/** Who works on the volume, in words; null when it is at rest, and then nobody can begin before `release`. */
export function holdVolume(
  { stateDir, requestsDir }: Pick<Cli, "stateDir" | "requestsDir">,
  now: number,
): { readonly busy: string; readonly release: null } | { readonly busy: null; release(): void } {
  makeRequestsDirectory(requestsDir); // where no supervisor ever ran
  const lock = tryLock(supervisorLockOf(requestsDir));
  if (!lock) return { busy: "the supervisor runs", release: null };
  if (wasAliveAt(stateDir, now) && !saysThatItEnded(stateDir)) {
    lock.release();
    return { busy: "a worker was alive a few seconds ago", release: null };
  }
  return { busy: null, release: lock.release };
}

function wasAliveAt(stateDir: string, now: number): boolean {
  const heartbeat = mtimeOf(join(stateDir, HEARTBEAT_FILE));
  return heartbeat !== null && now - heartbeat < HEARTBEAT_FRESH_MS;
}

/** Whether the log has the newest worker's end; a database that cannot be read says nothing. */
function saysThatItEnded(stateDir: string): boolean {
  try {
    const db = openReadOnly(join(stateDir, DATABASE_FILE));
    const worker = newestWorker(db);
    db.close();
    return worker?.exited ?? false;
  } catch {
    return false; // damaged, say: then the heartbeat alone counts
  }
}

/** Where the database was put aside, as long as that name is free: a restore loses nothing. */
export function freeNameFor(stateDir: string, now: Date): string {
  const stamp = now.toISOString().replace(/[-:]|\.\d+/g, "");
  const name = join(stateDir, `before-restore-${stamp}.db`);
  return existsSync(name) ? freeNameFor(stateDir, new Date(now.getTime() + 1000)) : name;
}
