import type { Clock } from "../../../../shared/clock.ts";

/** Wakes those who wait for a change. It keeps nothing: look first, and wait in the same turn of the event loop. */
export interface Bell {
  ring(): void;
  /** True once it rings; false after `ms`, or when `signal` aborts. Never rejects. */
  rang(ms: number, signal: AbortSignal): Promise<boolean>;
}

export function createBell(clock: Clock): Bell {
  const waiting = new Set<() => void>();
  return {
    ring() {
      for (const wake of [...waiting]) wake();
    },
    async rang(ms, signal) {
      const over = new AbortController();
      const heard = new Promise<true>((resolve) => {
        const wake = () => resolve(true);
        waiting.add(wake);
        over.signal.addEventListener("abort", () => waiting.delete(wake));
      });
      const timeIsUp = clock.sleep(ms, AbortSignal.any([signal, over.signal])).then(() => false);
      const result = await Promise.race([heard, timeIsUp]);
      over.abort();
      return result;
    },
  };
}
