import { createRandom } from "../fuzz/acts.ts";

/** Chance that a seed stands for: the same seed, the same choices. */
export interface Chance {
  /** A whole number from 0 to below `end`. */
  below(end: number): number;
  oneOf<T>(choices: readonly [T, ...T[]]): T;
}

export function createChance(seed: number): Chance {
  const next = createRandom(seed);
  const below = (end: number) => next() % Math.max(end, 1);
  return { below, oneOf: (choices) => choices[below(choices.length)] ?? choices[0] };
}
