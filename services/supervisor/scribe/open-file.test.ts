import { renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import BetterSqlite3 from "better-sqlite3";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { type OpenFile, openSharedFile } from "./open-file.ts";

let temporary: TemporaryDatabase;
let path: string;
let file: OpenFile;
beforeEach(() => {
  temporary = temporaryDatabase();
  path = join(temporary.directory, "shared.db");
  file = openSharedFile(path, "may be new");
});
afterEach(() => {
  file.close();
  temporary.remove();
});

test("a file that nobody touched is the same, also after others wrote into it", () => {
  const other = new BetterSqlite3(path);
  other.exec("CREATE TABLE t (x); INSERT INTO t VALUES (1)");
  other.close();
  file.assertSame();
  expect(file.db.prepare("SELECT x FROM t").pluck().get()).toBe(1);
});

test.each(["", "-wal", "-shm"])("a file whose part '%s' was removed is damaged", (part) => {
  rmSync(path + part);
  expect(() => file.assertSame()).toThrow(part === "" ? "is gone" : `another file lies at ${path}${part}, or none`);
});

test.each(["", "-wal", "-shm"])("a file whose part '%s' was replaced is damaged", (part) => {
  writeFileSync(`${path}.other`, "SQLite format 3\0 or so");
  renameSync(`${path}.other`, path + part);
  expect(() => file.assertSame()).toThrow(`another file lies at ${path}${part}, or none`);
});

test("looking at the file does not let go of it: nobody can take it out of WAL mode meanwhile", () => {
  file.assertSame();
  const other = new BetterSqlite3(path, { timeout: 0 });
  expect(() => other.pragma("journal_mode = DELETE")).toThrow("locked");
  other.close();
});

test("a file that was emptied is damaged, for who has it open and for who opens it", () => {
  truncateSync(path);
  expect(() => file.assertSame()).toThrow("is no SQLite database any more");
  expect(() => openSharedFile(path, "must exist")).toThrow("is no SQLite database any more");
});

test("a file that is empty from the start becomes a database", () => {
  const empty = join(temporary.directory, "empty.db");
  writeFileSync(empty, "");
  const opened = openSharedFile(empty, "may be new");
  opened.assertSame();
  opened.close();
});
