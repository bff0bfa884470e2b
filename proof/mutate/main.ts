import { globSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { createRandom } from "../fuzz/acts.ts";
import { findStale, isAccepted } from "./accepted.ts";
import { FILES } from "./files.ts";
import { type Mutant, mutantsOf } from "./mutants.ts";
import { type Count, tableOf, unexplainedShare } from "./report.ts";
import { tryMutants } from "./try-mutants.ts";

/**
 * npm run mutate -- --files "shared/{clock,duration}.ts" --sample 100 --seed 1: changes one place of a source at a time,
 * runs the nearest tests, and names each change that none of them notices. It exits with 1 when more than three in a
 * hundred are neither noticed nor accepted. --list only names the changes.
 */
const MOST_UNEXPLAINED = 0.03;

const { values } = parseArgs({
  options: {
    files: { type: "string" },
    sample: { type: "string" },
    seed: { type: "string", default: "1" },
    workers: { type: "string", default: String(availableParallelism()) },
    list: { type: "boolean", default: false },
  },
});
const root = resolve(import.meta.dirname, "../..");
const paths = values.files ? sourcesIn(values.files) : FILES;
const all = paths.flatMap((path) => mutantsOf(path, readFileSync(join(root, path), "utf8")));
const chosen = values.sample ? sample(all, Number(values.sample), Number(values.seed)) : all;

if (values.list) {
  for (const mutant of chosen) console.log(describe(mutant));
  process.exit();
}
process.once("SIGINT", () => process.exit(130)); // what runs ends, and what was copied goes, on every exit
process.once("SIGTERM", () => process.exit(143));

const startedAt = performance.now();
const counts = new Map<string, Count>(paths.map((path) => [path, { killed: 0, survived: 0, accepted: 0 }]));
const count = (path: string, outcome: keyof Count) => {
  const before = counts.get(path);
  if (before) before[outcome] += 1;
};
for (const mutant of chosen.filter(isAccepted)) count(mutant.path, "accepted");
const open = chosen.filter((mutant) => !isAccepted(mutant));
await tryMutants(open, { root, workers: Number(values.workers) }, (mutant, outcome) => {
  count(mutant.path, outcome);
  if (outcome === "survived") console.log(`survived ${describe(mutant)}`);
});

const stale = findStale(all, paths);
for (const { path, lineText, change } of stale) console.log(`accepted, but gone: ${path}: ${lineText}: ${change}`);
console.log(tableOf(counts));
console.log(`${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
process.exitCode = unexplainedShare([...counts.values()]) > MOST_UNEXPLAINED || stale.length > 0 ? 1 : 0;

function sourcesIn(glob: string): string[] {
  const found = globSync(glob, { cwd: root }).filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"));
  if (found.length > 0) return found.sort();
  console.error(`No source is named ${glob}. Give a path or a glob from the top of the repository, in quotes.`);
  process.exit(64);
}

/** The same seed chooses the same changes. */
function sample(mutants: readonly Mutant[], size: number, seed: number): Mutant[] {
  const random = createRandom(seed);
  const left = [...mutants];
  return Array.from({ length: Math.min(size, left.length) }, () => left.splice(random() % left.length, 1)).flat();
}

function describe({ path, line, change }: Mutant): string {
  return `${path}:${line}: ${change}`;
}
