import type { Clock } from "../../../shared/clock.ts";

export interface WallTime {
  /** Aborts with its parent, or when the time is up. */
  readonly signal: AbortSignal;
  elapsedMs(): number;
  /** To be called by whoever started it: its timer goes. */
  end(): void;
}

/** The time that something may take, from now on. */
export function startWallTime(clock: Clock, mostMs: number, parent: AbortSignal): WallTime {
  const startedAt = clock.monotonicMs();
  const up = new AbortController();
  const ended = new AbortController();
  void clock.sleep(mostMs, ended.signal).then(() => {
    if (!ended.signal.aborted) up.abort(new Error("the time is up"));
  });
  return {
    signal: AbortSignal.any([parent, up.signal]),
    // A timer may be a little early by the other clock.
    elapsedMs: () => (up.signal.aborted ? Math.max(mostMs, elapsed()) : elapsed()),
    end: () => ended.abort(),
  };

  function elapsed(): number {
    return clock.monotonicMs() - startedAt;
  }
}
