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
  // Not the timer of node:timers/promises: woken, it would make an error, and its stack, to say so.
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
      if (signal.aborted) wake();
      else signal.addEventListener("abort", wake);
    }),
};

/** A signal that aborts with `parent`, or after `ms`. */
export function deadline(ms: number, parent: AbortSignal): AbortSignal {
  return AbortSignal.any([parent, AbortSignal.timeout(ms)]);
}

/** Calls `work` every `ms` until `signal` aborts. */
export function every(ms: number, work: () => void, signal: AbortSignal): void {
  if (signal.aborted) return; // what has aborted already never says so again
  const timer = setInterval(work, ms);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
}

/**
 * A signal that aborts with `parent`, or once `ms` have passed without a `touch`. Whoever sets it calls `stop`: unlike
 * `deadline`, it then leaves neither a timer nor anything on its parent behind.
 */
export function timeLimit(ms: number, parent: AbortSignal): TimeLimit {
  const limit = followingSignal(parent);
  const timer = setTimeout(() => limit.abort(new DOMException("the time is up", "TimeoutError")), ms);
  return {
    signal: limit.signal,
    touch: () => void timer.refresh(),
    stop: () => {
      clearTimeout(timer);
      limit.unfollow();
    },
  };
}

export interface TimeLimit {
  readonly signal: AbortSignal;
  touch(): void;
  stop(): void;
}

/**
 * A signal that aborts with `parent`, until `unfollow`, or when it is told to. What AbortSignal.any makes is found again
 * by the garbage collector alone, and a worker makes several for each message.
 */
export function followingSignal(parent: AbortSignal) {
  const own = new AbortController();
  const follow = () => own.abort(parent.reason);
  if (parent.aborted) follow();
  else parent.addEventListener("abort", follow);
  return {
    signal: own.signal,
    abort: (reason?: unknown) => own.abort(reason),
    unfollow: () => parent.removeEventListener("abort", follow),
  };
}
