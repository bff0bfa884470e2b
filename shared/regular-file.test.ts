import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { isLocked, openDatabase, openReadOnly, tryLock } from "./database.ts";
import { SetupError } from "./setup-error.ts";
import { type TemporaryDatabase, temporaryDatabase } from "./temporary-database.ts";

let temporary: TemporaryDatabase;
beforeEach(() => {
  temporary = temporaryDatabase();
});
afterEach(() => temporary.remove());

/** Each in place of what was there. */
const STRANGERS = {
  "a FIFO": (path: string) => void execFileSync("mkfifo", [path]),
  "a symbolic link": (path: string) => symlinkSync(`${path}.aside`, path),
  "a directory": (path: string) => void mkdirSync(path),
};

test.each(Object.entries(STRANGERS))("%s in place of a database's file is named, and not opened", (name, put) => {
  for (const part of ["", "-wal", "-shm", "-journal"]) {
    const path = temporary.file + part;
    if (part !== "-journal") renameSync(path, `${path}.aside`);
    put(path);
    for (const open of [openDatabase, openReadOnly]) {
      expect(() => open(temporary.file)).toThrow(SetupError);
      expect(() => open(temporary.file)).toThrow(
        `${path} is ${name}, where a file should be, so it is not opened. Move`,
      );
    }
    renameSync(path, `${path}.stranger`);
    if (part !== "-journal") renameSync(`${path}.aside`, path);
    openReadOnly(temporary.file).close();
  }
});

test.each(Object.entries(STRANGERS))("%s in place of a lock is nobody's lock, and is not taken", (name, put) => {
  const lock = join(temporary.directory, "supervisor.lock");
  put(lock);
  expect(isLocked(lock)).toBe(false);
  expect(() => tryLock(lock)).toThrow(`${lock} is ${name}, where a file should be`);
});

test("a FIFO beside a lock is named, too", () => {
  const lock = join(temporary.directory, "archive.lock");
  STRANGERS["a FIFO"](`${lock}-journal`);
  expect(() => tryLock(lock)).toThrow(`${lock}-journal is a FIFO`);
});
