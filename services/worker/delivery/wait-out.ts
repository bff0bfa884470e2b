import type { Clock } from "../../../shared/clock.ts";
import type { Database } from "../../../shared/database.ts";
import { showProgress, type Task } from "../queue/claims.ts";

const FIRST_PAUSE_MS = 1000;
/** A delivery shows a sign of life at least this often. */
export const LONGEST_PAUSE_MS = 60_000;

/** Telegram may ask for hours: the wait shows, piece by piece, that it is one, and not a standstill. */
export async function waitOut(
  { db, clock }: { readonly db: Database; readonly clock: Clock },
  task: Task,
  ms: number,
  signal: AbortSignal,
): Promise<void> {
  for (let left = ms; left > 0 && !signal.aborted; left -= LONGEST_PAUSE_MS) {
    showProgress(db, task);
    await clock.sleep(Math.min(left, LONGEST_PAUSE_MS), signal);
  }
  signal.throwIfAborted();
}

export function pauseAfter(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);
}
