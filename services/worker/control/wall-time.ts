import { type Clock, followingSignal } from "../../../shared/clock.ts";

export interface WallTime {
  /** Aborts with its parent, or when the time is up. */
  readonly signal: AbortSignal;
  elapsedMs(): number;
  /** To be called by whoever started it: its timer goes. */
  end(): void;
}

const ENDED = "it took less";

/** The time that something may take, from now on. */
export function startWallTime(clock: Clock, mostMs: number, parent: AbortSignal): WallTime {
  const startedAt = clock.monotonicMs();
  const wall = followingSignal(parent);
  const ended = new AbortController();
  let isUp = false;
  void clock.sleep(mostMs, ended.signal).then(() => {
    isUp = !ended.signal.aborted;
    if (isUp) wall.abort(new Error("the time is up"));
  });
  return {
    signal: wall.signal,
    // A timer may be a little early by the other clock.
    elapsedMs: () => (isUp ? Math.max(mostMs, elapsed()) : elapsed()),
    end: () => {
      ended.abort(ENDED);
      wall.unfollow();
    },
  };

  function elapsed(): number {
    return clock.monotonicMs() - startedAt;
  }
}
