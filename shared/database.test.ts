import { statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import {
  assertLocalFileSystem,
  assertSqliteVersion,
  type Database,
  durably,
  inTransaction,
  onceCommitted,
  openDatabase,
  openReadOnly,
  tryLock,
} from "./database.ts";
import { SetupError } from "./setup-error.ts";
import { type TemporaryDatabase, temporaryDatabase } from "./temporary-database.ts";

let temporary: TemporaryDatabase;
beforeEach(() => {
  temporary = temporaryDatabase();
});
afterEach(() => temporary.remove());

test("the group may write to the file and to what SQLite puts beside it", () => {
  temporary.db.prepare("INSERT INTO events (event_type) VALUES ('x')").run();
  for (const suffix of ["", "-wal", "-shm"]) {
    expect((statSync(temporary.file + suffix).mode & 0o777).toString(8)).toBe("664");
  }
});

test("so it is with a lock: whoever may only read its file would not have it alone", () => {
  const file = join(temporary.directory, "a.lock");
  const lock = tryLock(file);
  expect((statSync(file).mode & 0o777).toString(8)).toBe("664");
  expect(tryLock(file)).toBeNull();
  lock?.release();
});

test("a shared or network file system is refused with the remedy", () => {
  expect(() => assertLocalFileSystem("/state", () => 0x65735546)).toThrow(SetupError);
  expect(() => assertLocalFileSystem("/state", () => 0x65735546)).toThrow(
    /FUSE or virtiofs.*Use a named Docker volume/,
  );
  expect(() => assertLocalFileSystem(temporary.directory)).not.toThrow();
});

test("an older SQLite is refused with the remedy", () => {
  const reporting = (version: string) => {
    const db = temporary.connect();
    db.function("sqlite_version", () => version);
    return db as Database;
  };
  expect(() => assertSqliteVersion(reporting("3.46.0"))).toThrow(/SQLite 3\.46\.0 is too old.*3\.51\.3 or newer/);
  expect(() => assertSqliteVersion(reporting("3.51.2"))).toThrow(SetupError);
  expect(() => assertSqliteVersion(reporting("3.51.3"))).not.toThrow();
  expect(() => assertSqliteVersion(reporting("3.100.0"))).not.toThrow();
});

test("a missing directory, or a missing database, is said in words", () => {
  expect(() => openDatabase(join(temporary.directory, "none", "lastgood.db"))).toThrow(
    /ENOENT.*mount the state volume/,
  );
  expect(() => openReadOnly(join(temporary.directory, "none.db"))).toThrow(/Start the supervisor first/);
});

test("a reader cannot write", () => {
  const reader = openReadOnly(temporary.file);
  expect(() => reader.prepare("INSERT INTO events (event_type) VALUES ('x')").run()).toThrow(/readonly/);
  reader.close();
});

test("a transaction takes the write lock before it reads", () => {
  const other = temporary.connect();
  other.pragma("busy_timeout = 0");
  inTransaction(temporary.db, () => {
    expect(() => inTransaction(other, () => undefined)).toThrow(/locked/);
  });
});

test("a durable transaction is synced to the disk when it commits, and those after it need not be", () => {
  const { db } = temporary;
  const synchronous = () => db.pragma("synchronous", { simple: true });
  const [NORMAL, FULL] = [1, 2];
  expect(durably(db, synchronous)).toBe(FULL);
  expect(synchronous()).toBe(NORMAL);
  const failing = () => {
    throw new Error("undone");
  };
  expect(() => durably(db, failing)).toThrow("undone");
  expect(synchronous()).toBe(NORMAL);
});

test("whoever opens a database waits for another that writes", () => {
  const reader = openReadOnly(temporary.file);
  for (const db of [temporary.db, reader]) expect(db.pragma("busy_timeout", { simple: true })).toBe(5000);
  reader.close();
});

test("what is to be told of a transaction is told once it is committed, and nothing of what was undone", () => {
  const { db } = temporary;
  const told: string[] = [];
  const tell = (what: string) => onceCommitted(db, () => told.push(what));
  const failing = (what: string) => () => {
    tell(what);
    throw new Error(what);
  };
  inTransaction(db, () => {
    tell("outer");
    inTransaction(db, () => tell("inner"));
    expect(() => inTransaction(db, failing("undone part"))).toThrow("undone part");
    expect(told).toEqual([]);
  });
  expect(told).toEqual(["outer", "inner"]);
  expect(() => inTransaction(db, failing("undone whole"))).toThrow("undone whole");
  inTransaction(db, () => {});
  tell("by itself");
  expect(told).toEqual(["outer", "inner", "by itself"]);
});
