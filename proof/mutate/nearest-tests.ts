import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Further away, a test of another folder that notices does so by luck. */
const MAX_DISTANCE = 2;
/** Real processes, or a million random acts: what only these notice deserves a test of its own. */
const TOO_SLOW = /^proof\/|(^|\/)(main|fuzz)\.test\.ts$/;

/**
 * The tests that may notice a change of a file, in rounds, the quickest to say so first: the one beside it, those that
 * import it, those of its folder that reach it through others. Without any of these, the nearest of other folders.
 */
export function findNearestTests(root: string, path: string): string[][] {
  const tests = [...distancesTo(path, readImports(root))].filter(
    ([test]) => test.endsWith(".test.ts") && !TOO_SLOW.test(test),
  );
  const within = (isMeant: (test: string, distance: number) => boolean) =>
    tests.filter(([test, distance]) => isMeant(test, distance)).map(([test]) => test);
  const isBeside = (test: string) => join(dirname(test), basename(test, ".test.ts")) === path.slice(0, -".ts".length);
  const isDirect = (test: string, distance: number) => !isBeside(test) && distance === 1;
  const isOfFolder = (test: string, distance: number) =>
    !isBeside(test) && distance > 1 && test.startsWith(`${dirname(path)}/`);
  const rounds = [within(isBeside), within(isDirect), within(isOfFolder)].filter((round) => round.length > 0);
  return rounds.length > 0 ? rounds : [within((_, distance) => distance <= MAX_DISTANCE)];
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
