import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { assertHeader, Damaged } from "./open-file.ts";
import { toUnable } from "./unable.ts";

/** What is put there between a look at the directory and the open. */

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lastgood-open-"));
  path = join(directory, "lastgood.db");
});
afterEach(() => rmSync(directory, { recursive: true }));

test("a FIFO whose other end nobody holds is damage, and is not waited for", () => {
  execFileSync("mkfifo", [path]);
  expect(() => assertHeader(path)).toThrow(Damaged);
});

test("a link is not followed, though it leads to a database, and what was removed is gone: both are damage", () => {
  writeFileSync(join(directory, "other.db"), "SQLite format 3\0");
  symlinkSync(join(directory, "other.db"), path);
  expect(troubleOf(() => assertHeader(path))).toBe("damaged");
  rmSync(path);
  expect(troubleOf(() => assertHeader(path))).toBe("damaged");
});

test("an empty file is one that is still to be made, and any other text is damage", () => {
  writeFileSync(path, "");
  expect(() => assertHeader(path)).not.toThrow();
  writeFileSync(path, "SQLite format 3\0 and more");
  expect(() => assertHeader(path)).not.toThrow();
  writeFileSync(path, "something else");
  expect(() => assertHeader(path)).toThrow(Damaged);
});

function troubleOf(work: () => void): string | null {
  try {
    work();
    return null;
  } catch (error) {
    return toUnable(error).trouble;
  }
}
