import { randomUUID } from "node:crypto";
import { lstatSync, renameSync, rmSync } from "node:fs";

export interface HeartbeatWatch {
  /**
   * How long, in ms, the heartbeat of a running worker has not moved while we watched. Null, for a worker that does not
   * run or is paused, starts anew; so do another worker and another mtime.
   */
  staleMs(runningId: string | null): number;
}

/**
 * Measured by watching the file's mtime on a clock that only runs forward and stands still with the machine: the age of
 * an mtime would call a worker hung after the host slept, its clock jumped, or the container was paused.
 */
export function createHeartbeatWatch(ports: {
  /** The heartbeat's mtime, null when there is none. */
  readonly mtime: () => number | null;
  readonly monotonicMs: () => number;
}): HeartbeatWatch {
  let watched: { readonly id: string; readonly mtime: number | null; readonly since: number } | null = null;
  return {
    staleMs(runningId) {
      const now = ports.monotonicMs();
      const mtime = ports.mtime();
      if (runningId === null) watched = null;
      else if (watched?.id !== runningId || watched.mtime !== mtime) watched = { id: runningId, mtime, since: now };
      return watched ? now - watched.since : 0;
    },
  };
}

/**
 * Takes away whatever a worker left in the place of its heartbeat: the next one would be stopped for ever by a FIFO, or
 * would empty what a link leads to, be it the database. A directory may hold anything, so it is only moved aside.
 */
export function clearHeartbeat(file: string): void {
  if (lstatSync(file, { throwIfNoEntry: false })?.isDirectory()) renameSync(file, `${file}-set-aside-${randomUUID()}`);
  else rmSync(file, { force: true });
}
