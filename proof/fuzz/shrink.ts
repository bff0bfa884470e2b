import type { Act } from "./acts.ts";

/** A failure without its numbers, so that the same one is known again in a shorter trace. */
export function failureOf(error: unknown): string {
  return String(error instanceof Error ? error.message : error).replace(/\d+/g, "n");
}

/** Leaves out as many acts as it can while the same thing still fails: halves first, single acts last. */
export async function shrink(acts: readonly Act[], problem: string, run: (acts: readonly Act[]) => Promise<unknown>) {
  const stillFails = (fewer: readonly Act[]) =>
    run(fewer).then(
      () => false,
      (error: unknown) => failureOf(error) === problem,
    );
  let shortest = acts;
  for (let size = Math.ceil(acts.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < shortest.length; ) {
      const fewer = [...shortest.slice(0, at), ...shortest.slice(at + size)];
      if (await stillFails(fewer)) shortest = fewer;
      else at += size;
    }
  }
  return shortest;
}
