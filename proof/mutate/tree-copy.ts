import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { applyMutant, type Mutant } from "./mutants.ts";

/**
 * A copy of the sources in which one file at a time is changed: whoever interrupts a run finds the original untouched.
 * It is removed as this process exits.
 */
export interface TreeCopy {
  /** Puts the changed source in place, and the original back when the work is done. */
  withMutant<T>(mutant: Mutant, work: () => Promise<T>): Promise<T>;
  /** A run that takes longer has failed. */
  runTests(tests: readonly string[], timeoutMs: number): Promise<"passed" | "failed">;
  checkTypes(timeoutMs: number): Promise<"passed" | "failed">;
}

const JEST = [
  "--disable-warning=ExperimentalWarning",
  "--experimental-vm-modules",
  "node_modules/jest/bin/jest.js",
  "--runInBand",
  "--bail",
  "--silent",
  "--watchman=false",
  "--runTestsByPath",
];

export function copyTree(root: string): TreeCopy {
  const copy = mkdtempSync(join(tmpdir(), "lastgood-mutate-"));
  for (const path of listSources(root)) {
    mkdirSync(join(copy, dirname(path)), { recursive: true });
    cpSync(join(root, path), join(copy, path));
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  const remove = () => rmSync(copy, { recursive: true, force: true });
  process.once("exit", remove);
  return {
    async withMutant(mutant, work) {
      const file = join(copy, mutant.path);
      const original = readFileSync(file, "utf8");
      writeFileSync(file, applyMutant(original, mutant));
      try {
        return await work();
      } finally {
        writeFileSync(file, original);
      }
    },
    runTests: (tests, timeoutMs) => run(copy, [...JEST, ...tests], timeoutMs),
    checkTypes: (timeoutMs) => run(copy, ["node_modules/typescript/bin/tsc"], timeoutMs),
  };
}

/** What git knows or would add, as it lies in the work tree; a deleted file is still listed. */
function listSources(root: string): string[] {
  const deleted = new Set(git(root, ["ls-files", "--deleted"]));
  return git(root, ["ls-files", "--cached", "--others", "--exclude-standard"]).filter((path) => !deleted.has(path));
}

function git(root: string, args: readonly string[]): string[] {
  return execFileSync("git", [...args, "-z"], { cwd: root, encoding: "utf8" })
    .split("\0")
    .filter(Boolean);
}

function run(cwd: string, program: readonly string[], timeoutMs: number): Promise<"passed" | "failed"> {
  // A group of its own, so that processes which a test started end with it.
  const child = spawn(process.execPath, program, { cwd, stdio: "ignore", detached: true });
  const endGroup = () => {
    try {
      if (child.pid) process.kill(-child.pid, "SIGKILL");
    } catch {
      // The whole group has ended already.
    }
  };
  const timer = setTimeout(endGroup, timeoutMs);
  process.once("exit", endGroup);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      clearTimeout(timer);
      process.off("exit", endGroup);
      endGroup();
      resolve(code === 0 ? "passed" : "failed");
    });
  });
}
