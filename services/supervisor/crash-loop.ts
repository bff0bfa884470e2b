import type { ExitClass } from "../../shared/payloads/supervisor-payloads.ts";
import type { Exit } from "../../shared/worker-state.ts";
import { countsAgainstRevision, isNobodysFault } from "./exits.ts";

export interface CrashLoopPolicy {
  /** So many exits in a row, each soon after it was ready, are a crash loop. */
  readonly crashThreshold: number;
  readonly crashWindowSeconds: number;
  readonly restartMaxMs: number;
  /** After so long in health, earlier exits no longer delay a restart. */
  readonly healthySeconds: number;
}

/** The first restart comes at once, the second after this; each further one waits twice as long. */
const FIRST_DELAY_MS = 1000;
/** Restarts after a common cause must not fall into step with each other. */
const JITTER = 0.1;

/** @param exits of one revision since it was taken up, newest first */
export function isCrashLooping(exits: readonly Exit[], policy: CrashLoopPolicy): boolean {
  const healthy = exits.findIndex((exit) => (exit.readySeconds ?? 0) >= policy.crashWindowSeconds);
  const inARow = healthy === -1 ? exits : exits.slice(0, healthy);
  return inARow.filter((exit) => countsForCrashLoop(exit.class)).length >= policy.crashThreshold;
}

/** A wrong configuration is wrong for every revision: going back mends nothing. */
export function countsForCrashLoop(exitClass: ExitClass): boolean {
  return countsAgainstRevision(exitClass) && exitClass !== "configuration";
}

/**
 * How long after its newest exit a revision is started again, in ms: 0, 1 s, 2 s, 4 s … up to the maximum. The jitter
 * follows from the exit's event id, so whoever asks again gets the same answer.
 *
 * @param exits of one revision since it was taken up, newest first
 */
export function restartDelayMs(exits: readonly Exit[], policy: CrashLoopPolicy): number {
  const attempt = failuresInARow(exits, policy);
  if (attempt < 2) return 0;
  const delay = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 2), policy.restartMaxMs);
  return Math.round(delay * (1 - JITTER * fraction(exits[0]?.eventId ?? 0)));
}

/** How many failures in a row the newest exit ends; one that came after a long health begins a new row. */
export function failuresInARow(exits: readonly Exit[], policy: CrashLoopPolicy): number {
  let failures = 0;
  for (const exit of exits) {
    if (isNobodysFault(exit.class)) break;
    failures += 1;
    if ((exit.readySeconds ?? 0) >= policy.healthySeconds) break;
  }
  return failures;
}

/** A number from 0 to 1 that neighbouring ids do not share (Knuth's multiplicative hash). */
function fraction(id: number): number {
  return (Math.imul(id, 2654435761) >>> 0) / 2 ** 32;
}
