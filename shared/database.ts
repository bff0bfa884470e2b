import { chmodSync, closeSync, existsSync, openSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import { hasLockPatience, waitingForLock } from "./lock-patience.ts";
import { assertRegularFiles, isRegularFile } from "./regular-file.ts";
import { settingUp } from "./remedy.ts";
import { SetupError } from "./setup-error.ts";

export type Database = BetterSqlite3.Database;

/** Older ones can corrupt a WAL when two processes checkpoint at once (https://sqlite.org/wal.html, the WAL-reset bug). */
const OLDEST_SQLITE = "3.51.3";

/**
 * File systems on which shared memory or locks do not reach the other container's kernel, by the magic numbers of
 * statfs(2). A WAL database on one of these is corrupt within minutes.
 */
const SHARED_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x65735546, "FUSE or virtiofs"],
  [0x01021997, "9p"],
  [0x517b, "SMB"],
  [0xfe534d42, "SMB2"],
  [0xff534d42, "CIFS"],
  [0x00c36400, "Ceph"],
  [0x786f4256, "VirtualBox shared folder"],
  [0x7c7c6673, "Parallels shared folder"],
]);

/**
 * Opens a SQLite file for reading and writing, creating it group-writable, so that the processes of other users in the
 * group can write too (`-wal` and `-shm` inherit the mode). With the journal mode DELETE it is one single file whenever
 * nobody writes. Throws a SetupError for what the operator has to mend.
 */
export function openDatabase(file: string, journalMode: "WAL" | "DELETE" = "WAL"): Database {
  assertLocalFileSystem(dirname(file));
  assertRegularFiles(file);
  return settingUp(file, () => {
    if (!existsSync(file)) createGroupWritable(file);
    const db = new BetterSqlite3(file);
    assertSqliteVersion(db);
    db.pragma(`journal_mode = ${journalMode}`);
    // A kill loses nothing with NORMAL; only a power cut may take the last commits.
    db.pragma("synchronous = NORMAL");
    // A reader may have kept the WAL from being reset; it shrinks to this once it is.
    db.pragma("journal_size_limit = 67108864");
    return db;
  });
}

/** A database of this process's memory alone. */
export function openInMemory(): Database {
  return new BetterSqlite3(":memory:");
}

/** Opens an existing file for reading alone. Throws a SetupError when there is none. */
export function openReadOnly(file: string): Database {
  assertRegularFiles(file);
  if (!existsSync(file)) {
    throw new SetupError([`There is no database at ${file}. Start the supervisor first: it creates it.`]);
  }
  return settingUp(file, () => {
    const db = new BetterSqlite3(file, { readonly: true, fileMustExist: true });
    // The operating system holds the file's pages, for all readers at once: 16 MB of them would be kept here, too.
    db.pragma("cache_size = -2000");
    db.pragma("user_version"); // what is no database, or damaged, is refused at the first read
    return db;
  });
}

/**
 * Runs `work` in BEGIN IMMEDIATE: a deferred transaction that reads, then writes, fails when another writes between.
 * Within another transaction it is a part of that: what throws leaves nothing, and the rest may go on.
 */
export function inTransaction<T>(db: Database, work: () => T): T {
  const isWhole = !db.inTransaction;
  const { begin, commit, undo } = isWhole ? TRANSACTION : SAVEPOINT;
  const untold = untoldOf(db);
  const before = untold.length;
  sql(db, begin).run();
  let result: T;
  try {
    result = work();
    sql(db, commit).run();
  } catch (error) {
    untold.splice(before);
    // After some errors, as a full disk, SQLite has rolled back all of it by itself.
    if (db.inTransaction) for (const step of undo) sql(db, step).run();
    throw error;
  }
  if (isWhole) for (const tell of untold.splice(0)) tell();
  return result;
}

/** Calls `tell` once the transaction that this is called in is committed, and never if it is undone; at once without one. */
export function onceCommitted(db: Database, tell: () => void): void {
  if (db.inTransaction) untoldOf(db).push(tell);
  else tell();
}

const untoldByDatabase = new WeakMap<Database, (() => void)[]>();

function untoldOf(db: Database): (() => void)[] {
  const untold = untoldByDatabase.get(db) ?? [];
  untoldByDatabase.set(db, untold);
  return untold;
}

const TRANSACTION = { begin: "BEGIN IMMEDIATE", commit: "COMMIT", undo: ["ROLLBACK"] };
const SAVEPOINT = { begin: "SAVEPOINT inner", commit: "RELEASE inner", undo: ["ROLLBACK TO inner", "RELEASE inner"] };

/**
 * Runs `work` in a transaction that a power cut cannot take back once it has returned (`synchronous = FULL`, a sync of
 * the disk for each commit). Not to be called inside another transaction.
 */
export function durably<T>(db: Database, work: () => T): T {
  db.pragma("synchronous = FULL");
  try {
    return inTransaction(db, work);
  } finally {
    db.pragma("synchronous = NORMAL");
  }
}

/**
 * A lock that its holder's death releases: an exclusive transaction held on a small SQLite file of its own, because Node
 * has no flock. Null while another process holds it. Throws a SetupError for what the operator has to mend.
 */
export function tryLock(file: string): { release(): void } | null {
  assertLocalFileSystem(dirname(file));
  assertRegularFiles(file);
  const db = settingUp(file, () => {
    if (!existsSync(file)) createGroupWritable(file); // who may only read it would share it
    return new BetterSqlite3(file, { timeout: 0 });
  });
  try {
    db.exec("BEGIN EXCLUSIVE");
    return { release: () => db.close() };
  } catch (error) {
    db.close();
    if ((error as { code?: unknown }).code === "SQLITE_BUSY") return null;
    throw error;
  }
}

/**
 * Whether another process holds such a lock. It is not taken for that: whoever holds it keeps readers out, too. What is
 * no file is nobody's lock.
 */
export function isLocked(file: string): boolean {
  if (!isRegularFile(file)) return false;
  const db = new BetterSqlite3(file, { readonly: true, timeout: 0 });
  try {
    db.prepare("SELECT count(*) FROM sqlite_schema").get();
    return false;
  } catch (error) {
    if ((error as { code?: unknown }).code === "SQLITE_BUSY") return true;
    throw error;
  } finally {
    db.close();
  }
}

const statements = new WeakMap<Database, Map<string, BetterSqlite3.Statement>>();

/**
 * The statement for this text, prepared once per connection. SQLite plans it anew for each value that the
 * plan may depend on: a LIMIT, or what an index that is not unique is searched for. `? + 0` and `+?` keep a value out of
 * the plan, and make the small queries of each message up to nine times as fast.
 */
export function sql(db: Database, text: string): BetterSqlite3.Statement {
  const known = statements.get(db)?.get(text);
  if (known) return known;
  const statement = patient(
    db,
    waitingForLock(db, () => db.prepare(text)),
  );
  statements.set(db, (statements.get(db) ?? new Map()).set(text, statement));
  return statement;
}

function patient(db: Database, statement: BetterSqlite3.Statement): BetterSqlite3.Statement {
  if (!hasLockPatience(db)) return statement;
  for (const name of ["run", "get", "all"] as const) {
    const ask = statement[name].bind(statement);
    Object.assign(statement, { [name]: (...values: unknown[]) => waitingForLock(db, () => ask(...values)) });
  }
  return statement;
}

export function assertSqliteVersion(db: Database): void {
  const version = String(db.prepare("SELECT sqlite_version()").pluck().get());
  if (isOlder(version, OLDEST_SQLITE)) {
    throw new SetupError([
      `SQLite ${version} is too old: two processes can corrupt a file with it. Install better-sqlite3 with SQLite ${OLDEST_SQLITE} or newer (npm ci).`,
    ]);
  }
}

function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, "en", { numeric: true }) < 0;
}

/** @param typeOf the file system's magic number; a parameter because a test cannot mount them all */
export function assertLocalFileSystem(directory: string, typeOf = (path: string) => statfsSync(path).type): void {
  const type = settingUp(directory, () => typeOf(directory));
  const name = SHARED_FILE_SYSTEMS.get(type);
  if (name) {
    throw new SetupError([
      `${directory} is on a shared or network file system (${name}), which corrupts a SQLite database that two processes write. Use a named Docker volume or a directory on a local disk.`,
    ]);
  }
}

function createGroupWritable(file: string): void {
  closeSync(openSync(file, "a", 0o664));
  chmodSync(file, 0o664); // SQLite and the umask would leave 0644
}
