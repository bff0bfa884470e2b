import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** The tests that may notice a change of a file, the quickest to say so first. */
export interface NearestTests {
  /** The one beside it, and those that import it. */
  readonly direct: readonly string[];
  /** Those that reach it through others. */
  readonly further: readonly string[];
}

/** Further away, a test of another folder that notices does so by luck. */
const MAX_DISTANCE = 2;
/** Real processes, or a million random acts: what only these notice deserves a test of its own. */
const TOO_SLOW = /^proof\/|(^|\/)(main|fuzz)\.test\.ts$/;

/** Finds tests in this directory: all of the file's own folder that reach it, and of other folders the near ones. */
export function findNearestTests(root: string, path: string): NearestTests {
  const tests = [...distancesTo(path, readImports(root))]
    .filter(([other]) => other.endsWith(".test.ts") && !TOO_SLOW.test(other))
    .filter(([test, distance]) => distance <= MAX_DISTANCE || dirname(test).startsWith(dirname(path)))
    .sort(([, one], [, another]) => one - another);
  const isDirect = ([test, distance]: readonly [string, number]) =>
    distance === 1 || basename(test, ".test.ts") === basename(path, ".ts");
  return {
    direct: tests.filter(isDirect).map(([test]) => test),
    further: tests.filter((entry) => !isDirect(entry)).map(([test]) => test),
  };
}

type Imports = ReadonlyMap<string, ReadonlySet<string>>;

function readImports(root: string): Imports {
  const paths = globSync("{shared,services,proof}/**/*.ts", { cwd: root });
  return new Map(paths.map((path) => [path, importsOf(path, readFileSync(join(root, path), "utf8"))]));
}

function importsOf(path: string, source: string): Set<string> {
  const targets = source.matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g);
  return new Set(Array.from(targets, ([, target]) => join(dirname(path), target ?? "")));
}

/** How many imports lie between each file and the target. */
function distancesTo(target: string, imports: Imports): Map<string, number> {
  const distances = new Map([[target, 0]]);
  for (const [reached, distance] of distances) {
    for (const [path, targets] of imports) {
      if (targets.has(reached) && !distances.has(path)) distances.set(path, distance + 1);
    }
  }
  return distances;
}
