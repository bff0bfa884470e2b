import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { tryLock } from "../../shared/database.ts";
import { tryLocks } from "./only-one.ts";

let directory: string;
let files: readonly [string, string];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lastgood-"));
  files = [join(directory, "one.lock"), join(directory, "other.lock")];
});
afterEach(() => rmSync(directory, { recursive: true }));

test("who holds all locks keeps everybody else from each, until they are released", () => {
  const held = tryLocks(files);
  expect(tryLocks(files)).toBeNull();
  expect(files.map((file) => tryLock(file))).toEqual([null, null]);
  held?.release();
  tryLocks(files)?.release();
});

test("who has lost one of the files still keeps a second supervisor out", () => {
  const held = tryLocks(files);
  rmSync(files[0]);
  expect(tryLocks(files)).toBeNull();
  held?.release();
});

test("who gets but one of them keeps none", () => {
  const other = tryLock(files[1]);
  expect(tryLocks(files)).toBeNull();
  tryLock(files[0])?.release();
  other?.release();
  const held = tryLocks(files);
  expect(held).not.toBeNull();
  held?.release();
});
