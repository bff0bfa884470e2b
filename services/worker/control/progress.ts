/** A tool's call that came to an end. Arguments as the model wrote them, output as it was shown. */
export interface CallMade {
  readonly tool: string;
  readonly arguments: string;
  readonly output: string;
}

export interface Stall {
  readonly reason: "the same call again" | "nothing new";
  readonly turns: number;
}

/** Twice may be a check of something that changes. */
const SAME_CALLS = 3;
const TURNS_WITHOUT_NEWS = 4;

/**
 * Whether a run goes in circles: the same call gave the same output so often, or its last turns brought no output that
 * it had not seen.
 *
 * @param rounds each turn's calls, in order
 */
export function findStall(rounds: readonly (readonly CallMade[])[]): Stall | null {
  const turns = rounds.length;
  const calls = rounds.flat();
  const times = countOf(calls.map((call) => JSON.stringify([call.tool, call.arguments, call.output])));
  if (Math.max(0, ...times.values()) >= SAME_CALLS) return { reason: "the same call again", turns };
  return turnsWithoutNews(rounds) >= TURNS_WITHOUT_NEWS ? { reason: "nothing new", turns } : null;
}

function countOf(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

function turnsWithoutNews(rounds: readonly (readonly CallMade[])[]): number {
  const seen = new Set<string>();
  let without = 0;
  for (const round of rounds) {
    const news = round.filter(({ output }) => !seen.has(output));
    for (const { output } of news) seen.add(output);
    without = news.length > 0 ? 0 : without + 1;
  }
  return without;
}
