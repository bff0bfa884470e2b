import { expect, test } from "@jest/globals";
import { SetupError } from "../../../shared/setup-error.ts";
import { Damaged } from "./open-file.ts";
import { toUnable } from "./unable.ts";

const failed = (code: string, message = "it failed") => Object.assign(new Error(message), { code });

test.each([
  ["SQLITE_BUSY", "locked"],
  ["SQLITE_BUSY_RECOVERY", "locked"],
  ["SQLITE_LOCKED_SHAREDCACHE", "locked"],
  ["SQLITE_FULL", "full"],
  ["ENOSPC", "full"],
  ["EDQUOT", "full"],
  ["SQLITE_IOERR_WRITE", "full"],
  ["SQLITE_IOERR_FSYNC", "full"],
  ["SQLITE_IOERR_SHMSIZE", "full"],
  ["SQLITE_IOERR_SHMMAP", "full"],
  ["SQLITE_IOERR_TRUNCATE", "full"],
  ["SQLITE_IOERR_NOMEM", "refused"],
  ["SQLITE_NOMEM", "refused"],
  ["SQLITE_CONSTRAINT_TRIGGER", "refused"],
  ["SQLITE_CORRUPT_INDEX", "damaged"],
  ["SQLITE_NOTADB", "damaged"],
  ["SQLITE_IOERR_READ", "damaged"],
  ["SQLITE_CANTOPEN", "damaged"],
  ["SQLITE_READONLY_DBMOVED", "damaged"],
  ["SQLITE_PERM", "damaged"],
  ["SQLITE_AUTH", "damaged"],
  ["SQLITE_SCHEMA", "damaged"],
  ["SQLITE_TOOBIG", "damaged"],
  ["EACCES", "damaged"],
  ["EPERM", "damaged"],
  ["EISDIR", "damaged"],
  ["ELOOP", "damaged"],
  ["ENXIO", "damaged"],
  ["ENOENT", "damaged"],
  ["EEXIST", "refused"],
])("%s means that the file is %s", (code, trouble) => {
  expect(toUnable(failed(code))).toEqual({ kind: "unable", trouble, reason: `it failed (${code})` });
});

test.each([
  "malformed database schema (x)",
  "no such table: events",
  "no such column: id",
  "events has no column named payload",
])("a schema that is not ours, by the words %s, is damage", (message) => {
  expect(toUnable(failed("SQLITE_ERROR", message))).toMatchObject({ trouble: "damaged" });
});

test("what nobody knows is refused, in its own words and no longer than any reason", () => {
  expect(toUnable(failed("SQLITE_ERROR"))).toMatchObject({ trouble: "refused" });
  expect(toUnable(new Error("x"))).toEqual({ kind: "unable", trouble: "refused", reason: "x" });
  expect(toUnable("a text")).toEqual({ kind: "unable", trouble: "refused", reason: "a text" });
  expect(toUnable(null)).toEqual({ kind: "unable", trouble: "refused", reason: "null" });
  expect(toUnable(new Error("y".repeat(5000))).reason).toHaveLength(1000);
});

test("damage is damage, and what is the operator's to settle is that", () => {
  expect(toUnable(new Damaged("gone"))).toEqual({ kind: "unable", trouble: "damaged", reason: "gone" });
  expect(toUnable(new SetupError(["a newer generation"]))).toMatchObject({ trouble: "setup" });
});

test("what the operator is told to mend, and passes by itself, is no reason to give the file up", () => {
  const opened = (code: string) => new SetupError(["it cannot be opened"], { cause: failed(code) });
  expect(toUnable(opened("SQLITE_FULL"))).toMatchObject({ trouble: "full" });
  expect(toUnable(opened("ENOSPC"))).toMatchObject({ trouble: "full" });
  expect(toUnable(opened("SQLITE_BUSY"))).toMatchObject({ trouble: "locked" });
  expect(toUnable(opened("SQLITE_NOTADB"))).toMatchObject({ trouble: "setup" });
});
