import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Database, openDatabase, openReadOnly, tryLock } from "../../../shared/database.ts";
import { lastEvents, logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { fakeExit } from "../../../shared/fake-exit.ts";
import { HEARTBEAT_FILE } from "../../../shared/files.ts";
import { threeTables } from "../../../shared/migrations/three-tables.ts";
import { makeRequestsDirectory } from "../../../shared/requests/requests-directory.ts";
import { supervisorLockOf } from "../../../shared/requests/supervisor-view.ts";
import { initSchema, requireSchema } from "../../../shared/schema.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";

const PROGRAM = resolve(import.meta.dirname, "../main.ts");

let temporary: TemporaryDatabase;
let file: string;
let writer: ChildProcess | null;
beforeEach(() => {
  temporary = temporaryDatabase();
  file = join(temporary.directory, "copy.db");
  writer = null;
});
afterEach(async () => {
  if (writer?.kill()) await once(writer, "close");
  temporary.remove();
});

const requestsDir = () => join(temporary.directory, "requests");

interface Ended {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}
const lastgood = (args: readonly string[], input?: Buffer): Promise<Ended> =>
  new Promise((ended) => {
    const env = {
      PATH: process.env.PATH,
      STATE_DIR: temporary.directory,
      OWN_DIR: "/nowhere",
      REQUESTS_DIR: requestsDir(),
    };
    const child = execFile(process.execPath, [PROGRAM, ...args], { env, encoding: "buffer" }, (error, stdout, stderr) =>
      ended({ code: Number(error?.code ?? 0), stdout, stderr: String(stderr) }),
    );
    child.stdin?.end(input);
  });
const ask = () => logEvent(temporary.db, null, EventType.StopRequested, { by: "op", from: "cli" });
/** The bytes of a database that is no backup of ours, or no longer. */
function foreign(make: (db: Database) => void): Buffer {
  const path = join(temporary.directory, "foreign.db");
  const db = openDatabase(path, "DELETE");
  make(db);
  db.close();
  const bytes = readFileSync(path);
  rmSync(path);
  return bytes;
}
const anArchive = () => foreign((db) => db.exec("CREATE TABLE events (id); CREATE TABLE inbox (id)"));
const ofNewerGeneration = () => foreign((db) => db.pragma("user_version = 901"));
const cutShort = () => foreign(initSchema).subarray(0, 30_000);
const eventsIn = (path: string) => {
  const db = openReadOnly(path);
  const events = lastEvents(db, 1000).length;
  db.close();
  return events;
};

test("a backup is one whole file, taken while another process writes", async () => {
  ask();
  const module = resolve(import.meta.dirname, "../../../shared/database.ts");
  const insert = `const db = (await import(${JSON.stringify(module)})).openDatabase(process.argv[1]);
    for (;;) { db.exec("INSERT INTO events (event_type) VALUES ('stop.requested')"); process.stdout.write("."); }`;
  writer = spawn(process.execPath, ["--input-type=module", "-e", insert, temporary.file], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (writer.stdout) await once(writer.stdout.resume(), "readable");
  const { code, stdout } = await lastgood(["backup", file]);
  expect(code).toBe(0);
  expect(String(stdout)).toMatch(/copy\.db: verified, \d+ events and 0 messages\n/);
  expect(readdirSync(temporary.directory).filter((name) => name.startsWith("copy.db"))).toEqual(["copy.db"]);
  expect(eventsIn(file)).toBeGreaterThan(0);
});

test("a backup through a pipe comes back through one, and what was there is kept", async () => {
  ask();
  const { stdout: copy, stderr } = await lastgood(["backup", "-"]);
  expect(stderr).toMatch(/^verified, 1 events and 0 messages\nthe supervisor's journal is not in it/);
  ask();
  const restored = await lastgood(["restore", "-", "--json"], copy);
  const told = JSON.parse(String(restored.stdout));
  expect(told).toEqual({
    ...{ events: 1, messages: 0, kept: expect.stringContaining("before-restore-") },
    ...{ journal: "elsewhere", journal_kept: null },
  });
  expect(eventsIn(temporary.file)).toBe(1);
  expect(eventsIn(told.kept)).toBe(2);
  expect(statSync(temporary.file).mode & 0o777).toBe(0o664);
});

test("a backup of an older version is brought up to date as it is restored", async () => {
  const older = foreign((db) => {
    db.exec(threeTables);
    db.pragma("user_version = 101");
  });
  expect(await lastgood(["restore", "-"], older)).toMatchObject({ code: 0 });
  requireSchema(temporary.connect());
});

test("nothing is restored beside a supervisor, nor beside a worker", async () => {
  ask();
  await lastgood(["backup", file]);
  ask();
  makeRequestsDirectory(requestsDir());
  const lock = tryLock(supervisorLockOf(requestsDir()));
  expect(await lastgood(["restore", file])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/supervisor runs/),
  });
  lock?.release();
  const heartbeat = join(temporary.directory, HEARTBEAT_FILE);
  writeFileSync(heartbeat, "");
  expect(await lastgood(["restore", file])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/worker was alive/),
  });
  expect(eventsIn(temporary.file)).toBe(2);
  utimesSync(heartbeat, 0, 0);
  expect(await lastgood(["restore", file])).toMatchObject({ code: 0 });
  expect(eventsIn(temporary.file)).toBe(1);
});

test("a damaged database is moved aside as it is, and the backup takes its place", async () => {
  ask();
  await lastgood(["backup", file]);
  temporary.db.close();
  for (const part of ["-wal", "-shm"]) rmSync(temporary.file + part, { force: true });
  writeFileSync(temporary.file, "what is left of it");
  const restored = await lastgood(["restore", file, "--json"]);
  expect(restored).toMatchObject({ code: 0, stderr: "" });
  expect(readFileSync(JSON.parse(String(restored.stdout)).kept, "utf8")).toBe("what is left of it");
  expect(eventsIn(temporary.file)).toBe(1);
});

test("a restore that dies before its end leaves a damaged database where it was", async () => {
  ask();
  await lastgood(["backup", file]);
  temporary.db.close();
  for (const part of ["-wal", "-shm"]) rmSync(temporary.file + part, { force: true });
  writeFileSync(temporary.file, "what is left of it");
  mkdirSync(`${temporary.file}.part`); // in the way of the new one
  expect(await lastgood(["restore", file])).not.toMatchObject({ code: 0 });
  expect(readFileSync(temporary.file, "utf8")).toBe("what is left of it");
  rmdirSync(`${temporary.file}.part`);
  writeFileSync(`${temporary.file}.part`, "of a restore that was killed");
  expect(await lastgood(["restore", file])).toMatchObject({ code: 0 });
  expect(eventsIn(temporary.file)).toBe(1);
});

test("a backup has no room that nothing uses, and so nothing that was erased", async () => {
  for (let number = 0; number < 100; number += 1)
    temporary.db.prepare("INSERT INTO history (chat_id, role, text) VALUES (7, 'user', ?)").run(`erased ${number}`);
  temporary.db.exec("DELETE FROM history");
  temporary.db.pragma("wal_checkpoint(TRUNCATE)");
  expect(readFileSync(temporary.file).includes("erased")).toBe(true);
  await lastgood(["backup", file]);
  expect(readFileSync(file).includes("erased")).toBe(false);
});

test("right after everything was stopped, the heartbeat is fresh and the log says that the worker ended", async () => {
  ask();
  await lastgood(["backup", file]);
  const named = { instance: "1.1", revision: "worker:a", image_id: "sha256:a" };
  logEvent(temporary.db, null, EventType.WorkerSpawned, { ...named, pid: 1, container_id: "c" });
  writeFileSync(join(temporary.directory, HEARTBEAT_FILE), "");
  expect(await lastgood(["restore", file])).toMatchObject({ code: 1 });
  logEvent(temporary.db, null, EventType.WorkerExited, fakeExit({ ...named, class: "asked" }));
  expect(await lastgood(["restore", file])).toMatchObject({ code: 0 });
});

test("what is no backup is refused in a line, and the database stays", async () => {
  ask();
  for (const [text, problem] of [
    ["", /is not a backup of Lastgood/],
    [anArchive(), /is not a backup of Lastgood/],
    [ofNewerGeneration(), /schema generation 9, this program knows generation 1\. Use a newer image/],
    [cutShort(), /is damaged|SQLITE_CORRUPT/],
    ["no database at all, though longer than a header of one would be, at that: 100 bytes and some more", /NOTADB/],
  ] as const) {
    const refused = await lastgood(["restore", "-"], Buffer.from(text));
    expect(refused).toMatchObject({ code: 78, stderr: expect.stringMatching(problem) });
  }
  expect(await lastgood(["restore", file])).toMatchObject({ code: 78, stderr: expect.stringMatching(/no file/) });
  expect(await lastgood(["restore", temporary.file])).toMatchObject({
    code: 78,
    stderr: expect.stringMatching(/itself/),
  });
  expect(await lastgood(["backup", "/nowhere/at/all.db"])).toMatchObject({
    code: 78,
    stderr: expect.stringMatching(/no directory/),
  });
  expect(eventsIn(temporary.file)).toBe(1);
  expect(existsSync(file)).toBe(false);
});

test("no backup takes the place of a file that the agent lives on", async () => {
  ask();
  symlinkSync(temporary.directory, join(temporary.directory, "same"));
  for (const name of ["lastgood.db", "lastgood.db-wal", "same/lastgood.db", "archive-2030-01.db", "supervisor.lock"]) {
    const refused = await lastgood(["backup", join(temporary.directory, name)]);
    expect(refused).toMatchObject({ code: 78, stderr: expect.stringMatching(/in use by the agent itself/) });
  }
  ask();
  expect(eventsIn(temporary.file)).toBe(2);
});
