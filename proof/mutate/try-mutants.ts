import type { Mutant } from "./mutants.ts";
import { findNearestTests } from "./nearest-tests.ts";
import { copyTree, type TreeCopy } from "./tree-copy.ts";

/** A change may send a loop round for ever: this many times what its tests take otherwise, and then some for a busy machine. */
const PATIENCE = 5;
const LEAST_PATIENCE_MS = 20_000;

interface TestsOfFile {
  readonly rounds: readonly (readonly string[])[];
  readonly timeoutMs: number;
}

/** Runs the nearest tests, then the compiler, on each change, on `workers` copies of the sources at once; tells of each as it is known. */
export async function tryMutants(
  mutants: readonly Mutant[],
  { root, workers }: { readonly root: string; readonly workers: number },
  tell: (mutant: Mutant, outcome: "killed" | "survived") => void,
): Promise<void> {
  const copies = Array.from({ length: workers }, () => copyTree(root));
  const paths = new Set(mutants.map(({ path }) => path));
  const tests = new Map<string, TestsOfFile>();
  await shareOut([...paths], copies, async (path, copy) => tests.set(path, await testUnchanged(root, path, copy)));
  await shareOut(mutants, copies, async (mutant, copy) => {
    const ofFile = tests.get(mutant.path);
    if (ofFile) tell(mutant, await copy.withMutant(mutant, () => judge(ofFile, copy)));
  });
}

/** Each copy takes the next item as soon as it is free. */
async function shareOut<T>(
  items: readonly T[],
  copies: readonly TreeCopy[],
  work: (item: T, copy: TreeCopy) => Promise<unknown>,
): Promise<void> {
  const left = [...items];
  await Promise.all(
    copies.map(async (copy) => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item, copy);
    }),
  );
}

async function testUnchanged(root: string, path: string, copy: TreeCopy): Promise<TestsOfFile> {
  const rounds = findNearestTests(root, path);
  const startedAt = performance.now();
  const all = rounds.flat();
  if (all.length > 0 && (await copy.runTests(all, 600_000)) === "failed") {
    throw new Error(`The tests of ${path} fail without any change. Mend them first: npm test -- ${all.join(" ")}`);
  }
  return { rounds, timeoutMs: LEAST_PATIENCE_MS + PATIENCE * (performance.now() - startedAt) };
}

async function judge({ rounds, timeoutMs }: TestsOfFile, copy: TreeCopy): Promise<"killed" | "survived"> {
  for (const tests of rounds) {
    if (tests.length > 0 && (await copy.runTests(tests, timeoutMs)) === "failed") return "killed";
  }
  // What the compiler refuses gets no further than `npm run check`; few survive, so it is asked last.
  return (await copy.checkTypes(timeoutMs)) === "failed" ? "killed" : "survived";
}
