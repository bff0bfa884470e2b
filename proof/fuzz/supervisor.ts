import { parseArgs } from "node:util";
import { temporaryDatabase } from "../../shared/temporary-database.ts";
import { type Act, actsOf } from "./acts.ts";
import { runHostileSequence, withHarm } from "./hostile.ts";
import { describe, runSequence } from "./sequence.ts";
import { failureOf, shrink } from "./shrink.ts";
import { compareTwins } from "./twins.ts";

/**
 * npm run fuzz -- supervisor --sequences 10000 --seed 1: of each kind of failure the first seed and a short trace, and exit
 * code 1. With --hostile there are two real files, and the worker does what it likes to the one that it shares.
 */
const options = {
  sequences: { type: "string", default: "1000" },
  seed: { type: "string", default: "1" },
  hostile: { type: "boolean", default: false },
} as const;
const { values } = parseArgs({ options, allowPositionals: true });
const first = Number(values.seed);
const sequences = Number(values.sequences);

/** A comparison costs as much as two sequences. */
const TWINS_EVERY = 3;

const temporary = temporaryDatabase();
const startedAt = performance.now();
const failures = new Map<string, number>();
let steps = 0;
let settlings = 0;
let comparisons = 0;
for (let seed = first; seed < first + sequences; seed += 1) {
  const acts = values.hostile ? withHarm(actsOf(seed), seed) : actsOf(seed);
  steps += acts.length;
  const run = async (some: readonly Act[]) => {
    settlings += values.hostile ? await runHostileSequence(some) : await runSequence(temporary.db, some);
    if (!values.hostile && seed % TWINS_EVERY === 0)
      comparisons += (await compareTwins(temporary.db, some, seed)) ? 1 : 0;
  };
  try {
    await run(acts);
  } catch (error) {
    const problem = failureOf(error);
    if (!failures.has(problem)) explain(seed, await shrink(acts, problem, run), error);
    failures.set(problem, (failures.get(problem) ?? 0) + 1);
  }
}
temporary.remove();

for (const [problem, times] of failures) console.log(`${times} times: ${problem}`);
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
console.log(
  `seed ${first}, ${sequences} sequences, ${steps} steps, ${settlings} settlings, ${comparisons} deaths compared, ${seconds} s`,
);
process.exitCode = failures.size === 0 ? 0 : 1;

function explain(seed: number, acts: readonly Act[], error: unknown): void {
  console.log(`seed ${seed}:`, error);
  console.log(`as after\n${acts.map((act) => `  ${describe(act)}`).join("\n")}\n`);
}
