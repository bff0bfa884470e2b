import type { Chance } from "../crash-matrix/random.ts";

/** Around a median, mostly near it and now and then far above, as the durations and sizes of real things are. */
export function around(chance: Chance, median: number): number {
  const uniform = () => chance.below(1000) / 1000;
  const bell = uniform() + uniform() + uniform() + uniform() - 2;
  return Math.max(Math.round(median * Math.exp(bell * 1.2)), 1);
}

export function happens(chance: Chance, perMille: number): boolean {
  return chance.below(1000) < perMille;
}

/** One of the choices, each as likely as its weight. */
export function weighted<T>(chance: Chance, choices: readonly (readonly [T, number])[], otherwise: T): T {
  let left = chance.below(choices.reduce((sum, [, weight]) => sum + weight, 0));
  for (const [choice, weight] of choices) {
    left -= weight;
    if (left < 0) return choice;
  }
  return otherwise;
}
