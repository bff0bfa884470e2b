import { statfsSync, statSync } from "node:fs";

/** In STATE_DIR: the worker touches it while it makes progress, the supervisor reads its mtime. */
export const HEARTBEAT_FILE = "heartbeat";

/** In STATE_DIR: locked by the one supervisor for as long as it lives. */
export const SUPERVISOR_LOCK_FILE = "supervisor.lock";

/** When a file was last touched, in Unix milliseconds; null when it does not exist. */
export function mtimeOf(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null;
}

/** How much room an unprivileged process has left on a directory's file system, in bytes. */
export function bytesFreeAt(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}
