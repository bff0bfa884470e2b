import type { Clock } from "./clock.ts";

export interface FakeClock extends Clock {
  /** Moves time on and wakes every sleeper whose time has come. */
  advance(ms: number): void;
  /** Resolves once somebody sleeps. */
  asleep(): Promise<void>;
}

export function createFakeClock(start = Date.UTC(2030, 0, 1)): FakeClock {
  let now = start;
  let onSleep = () => {};
  const sleepers = new Set<{ at: number; wake: () => void }>();
  return {
    now: () => now,
    monotonicMs: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = { at: now + ms, wake: () => sleepers.delete(sleeper) && resolve() };
        sleepers.add(sleeper);
        onSleep();
        if (ms <= 0 || signal.aborted) sleeper.wake();
        signal.addEventListener("abort", () => sleeper.wake(), { once: true });
      }),
    asleep: () =>
      new Promise((resolve) => {
        onSleep = resolve;
        if (sleepers.size > 0) resolve();
      }),
    advance(ms) {
      now += ms;
      for (const { at, wake } of [...sleepers]) if (at <= now) wake();
    },
  };
}
