import { setTimeout as delay } from "node:timers/promises";

/** Time as a port: whoever waits or dates anything takes a clock, so a test can hold it still. */
export interface Clock {
  /** Unix milliseconds. They jump when somebody sets the clock. */
  now(): number;
  /** Milliseconds since some moment; only ever forward, and not while the machine sleeps. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects; ask the signal which it was. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** setTimeout fires at once beyond 2^31 - 1 ms, so a longer wait is cut to this and its loop looks again. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  async sleep(ms, signal) {
    try {
      await delay(Math.min(Math.max(ms, 0), LONGEST_TIMER_MS), undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  },
};

/** A signal that aborts with `parent`, or after `ms`. */
export function deadline(ms: number, parent: AbortSignal): AbortSignal {
  return AbortSignal.any([parent, AbortSignal.timeout(ms)]);
}

/** Calls `work` every `ms` until `signal` aborts. */
export function every(ms: number, work: () => void, signal: AbortSignal): void {
  const timer = setInterval(work, ms);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
}

/** A signal that aborts with `parent`, or once `ms` have passed without a `touch`. `stop` ends the waiting. */
export function idleLimit(ms: number, parent: AbortSignal): IdleLimit {
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(new DOMException("nothing came", "TimeoutError")), ms);
  return {
    signal: AbortSignal.any([parent, idle.signal]),
    touch: () => void timer.refresh(),
    stop: () => clearTimeout(timer),
  };
}

export interface IdleLimit {
  readonly signal: AbortSignal;
  touch(): void;
  stop(): void;
}
