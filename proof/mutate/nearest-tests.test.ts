import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { findNearestTests } from "./nearest-tests.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lastgood-"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Each file by what it imports. */
function write(files: Readonly<Record<string, readonly string[]>>): void {
  for (const [path, imports] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), imports.map((target) => `import { x } from "${target}";\n`).join(""));
  }
}

test("the test beside a file comes first, then those that import it, then those of its folder that reach it", () => {
  write({
    "shared/a.ts": [],
    "shared/b.ts": ["./a.ts"],
    "shared/a.test.ts": ["./a.ts"],
    "shared/b.test.ts": ["./b.ts"],
    "shared/c.test.ts": [],
    "services/x/direct.test.ts": ["../../shared/a.ts"],
    "services/x/far.test.ts": ["../../shared/b.ts"],
  });
  expect(findNearestTests(root, "shared/a.ts")).toEqual([
    ["shared/a.test.ts"],
    ["services/x/direct.test.ts"],
    ["shared/b.test.ts"],
  ]);
});

test("a file that no test of its folder reaches has the nearest of others, and none that starts the whole", () => {
  write({
    "shared/a.ts": [],
    "services/x/b.ts": ["../../shared/a.ts"],
    "services/x/b.test.ts": ["./b.ts"],
    "services/x/main.test.ts": ["./b.ts"],
  });
  expect(findNearestTests(root, "shared/a.ts")).toEqual([["services/x/b.test.ts"]]);
});
