import { existsSync } from "node:fs";
import { join } from "node:path";
import { openReadOnly, tryLock } from "../../../shared/database.ts";
import { DATABASE_FILE, HEARTBEAT_FILE, mtimeOf, SUPERVISOR_LOCK_FILE } from "../../../shared/files.ts";
import { makeRequestsDirectory } from "../../../shared/requests/requests-directory.ts";
import { supervisorLockOf } from "../../../shared/requests/supervisor-view.ts";
import { newestWorker } from "../../../shared/worker-state.ts";
import type { Cli } from "../command.ts";

/** A worker touches its heartbeat every 5 s while it gets on. */
const HEARTBEAT_FRESH_MS = 20_000;

/** Who works on the volume, in words; null when it is at rest, and then nobody can begin before `release`. */
export function holdVolume(
  { stateDir, ownDir, requestsDir }: Pick<Cli, "stateDir" | "ownDir" | "requestsDir">,
  now: number,
): { readonly busy: string; readonly release: null } | { readonly busy: null; release(): void } {
  makeRequestsDirectory(requestsDir); // where no supervisor ever ran
  const places = [supervisorLockOf(requestsDir), ...(ownDir === null ? [] : [join(ownDir, SUPERVISOR_LOCK_FILE)])];
  const locks = places.map(tryLock);
  const release = () => {
    for (const lock of locks) lock?.release();
  };
  const isAlive = () => wasAliveAt(stateDir, now) && !saysThatItEnded(stateDir);
  const busy = locks.includes(null) ? "the supervisor runs" : isAlive() ? "a worker was alive a few seconds ago" : null;
  if (busy === null) return { busy, release };
  release();
  return { busy, release: null };
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
export function freeNameFor(directory: string, now: Date): string {
  const stamp = now.toISOString().replace(/[-:]|\.\d+/g, "");
  const name = join(directory, `before-restore-${stamp}.db`);
  return existsSync(name) ? freeNameFor(directory, new Date(now.getTime() + 1000)) : name;
}
