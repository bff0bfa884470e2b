import type { Clock } from "../../shared/clock.ts";
import { type Database, tryLock } from "../../shared/database.ts";
import type { Logger } from "../../shared/logging.ts";
import { newestSupervisor } from "../../shared/worker-state.ts";

const RETRY_MS = 1000;

export interface Held {
  release(): void;
}

/**
 * Two supervisors would undo each other's work. The second says who is there, and waits. Resolves with what is held, or
 * with null when asked to stop.
 *
 * @param files all are locked: who has lost one of them has not lost all
 */
export async function becomeTheOnlyOne(
  { journal, log, clock }: { readonly journal: Database; readonly log: Logger; readonly clock: Clock },
  files: readonly string[],
  signal: AbortSignal,
): Promise<Held | null> {
  for (let told = false; !signal.aborted; told = true) {
    const held = tryLocks(files);
    if (held) return held;
    const newest = { newest_supervisor: newestSupervisor(journal) };
    if (!told) log.warn(newest, "another supervisor holds this volume: waiting for it to go");
    await clock.sleep(RETRY_MS, signal);
  }
  return null;
}

/** All of them, or none. */
export function tryLocks(files: readonly string[]): Held | null {
  const held: Held[] = [];
  const release = () => {
    for (const lock of held) lock.release();
  };
  for (const file of files) {
    const lock = tryLock(file);
    if (!lock) {
      release();
      return null;
    }
    held.push(lock);
  }
  return { release };
}
