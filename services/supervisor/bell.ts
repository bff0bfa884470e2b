import type { Clock } from "../../shared/clock.ts";

export interface Bell {
  /** There may be something to look at. */
  ring(): void;
  /** From now on only what rings anew counts. */
  hush(): void;
  /** Resolves after `ms`, or as it rings. A ring while nobody waited is kept, so nothing is missed. */
  wait(ms: number): Promise<void>;
}

export function createBell(clock: Clock): Bell {
  let rung = new AbortController();
  return {
    ring: () => rung.abort(),
    hush: () => {
      if (rung.signal.aborted) rung = new AbortController();
    },
    wait: (ms) => clock.sleep(ms, rung.signal),
  };
}
