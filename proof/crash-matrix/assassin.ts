import type { Boundary } from "./boundaries.ts";

/** What can be killed: a worker's process. */
export interface Victim {
  freeze(): void;
  kill(): void;
}

/** Waits at one boundary for one worker. Who sees a worker come by a boundary says so. */
export interface Assassin {
  /** Resolves when it has killed. */
  wait(victim: Victim, boundary: Boundary): Promise<void>;
  /** True when this is where it waits; then it kills, at once or when told. */
  strikes(boundary: Boundary, when?: "at once" | "when told"): boolean;
  strike(): void;
}

interface Ambush {
  readonly victim: Victim;
  readonly boundary: Boundary;
  readonly done: () => void;
}

export function createAssassin(): Assassin {
  let waiting: Ambush | null = null;
  let struck: Ambush | null = null;
  const strike = () => {
    struck?.victim.kill();
    struck?.done();
    struck = null;
  };
  return {
    wait(victim, boundary) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting = { victim, boundary, done: resolve };
      return promise;
    },
    strikes(boundary, when = "at once") {
      if (waiting?.boundary !== boundary) return false;
      if (boundary === "before commit") waiting.victim.freeze();
      struck = waiting;
      waiting = null;
      if (when === "at once") strike();
      return true;
    },
    strike,
  };
}
