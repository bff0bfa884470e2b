import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { openReadOnly, tryLock } from "../../../shared/database.ts";
import { ARCHIVE_LOCK_FILE, archivesIn } from "../../../shared/files.ts";
import { archivedTotals } from "../../../shared/totals.ts";
import { DAY, type TemporaryPast, temporaryPast } from "./temporary-past.ts";

/** The command as a real process, killed for good, over and over. */

const PROGRAM = resolve(import.meta.dirname, "../main.ts");
const MESSAGES = 600;

let past: TemporaryPast;
let running: ChildProcess | null;
beforeEach(() => {
  past = temporaryPast(Date.now() - 60 * DAY);
  running = null;
});
afterEach(async () => {
  if (running?.kill("SIGKILL")) await once(running, "close");
  past.remove();
});

function start(...args: readonly string[]) {
  const env = { PATH: process.env.PATH, STATE_DIR: past.directory, REQUESTS_DIR: join(past.directory, "requests") };
  const child = spawn(process.execPath, [PROGRAM, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  running = child;
  const printed = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => (printed.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (printed.stderr += text));
  return { child, ended: once(child, "close").then(([code]) => ({ code, ...printed })) };
}

type Stored = Readonly<Record<string, unknown>>;
const rowsOf = (table: string, file: string): Stored[] => {
  const db = openReadOnly(file);
  const rows = db.prepare(`SELECT * FROM ${table} ORDER BY id`).all() as Stored[];
  db.close();
  return rows;
};
const archived = (table: string) =>
  archivesIn(past.directory).flatMap((name) => rowsOf(table, join(past.directory, name)));

/** Resolves once another slice is recorded, however that is noticed. */
async function anotherSlice(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  const count = () =>
    Number(past.db.prepare("SELECT count(*) FROM events WHERE event_type = 'log.archived'").pluck().get());
  const before = count();
  let isRunning = true;
  void ended.then(() => (isRunning = false));
  while (isRunning && count() === before && child.exitCode === null) await new Promise(setImmediate);
}

test("however often it is killed, every message is in one place, whole, at the end", async () => {
  for (let at = 0; at < MESSAGES; at += 1) past.message({ at: Date.now() - 50 * DAY + at * 100_000, failures: at % 3 });
  past.message({ at: Date.now() });
  const before = { inbox: rowsOf("inbox", past.file), events: rowsOf("events", past.file) };
  for (let kill = 0; kill < 6; kill += 1) {
    const { child, ended } = start("archive", "--older-than", "1d");
    await anotherSlice(child, ended);
    child.kill("SIGKILL");
    await ended;
  }
  expect(await start("archive", "--older-than", "1d").ended).toMatchObject({ code: 0, stderr: "" });
  const kept = past.db.prepare("SELECT * FROM events WHERE event_type <> 'log.archived' ORDER BY id").all() as Stored[];
  const byId = (one: Stored, other: Stored) => Number(one.id) - Number(other.id);
  expect([...archived("events"), ...kept].sort(byId)).toEqual(before.events);
  expect([...archived("inbox"), ...rowsOf("inbox", past.file)].sort(byId)).toEqual(before.inbox);
  expect(archivedTotals(past.db).messages).toEqual({ done: MESSAGES });
  const names = archivesIn(past.directory);
  expect(readdirSync(past.directory).filter((name) => name.startsWith("archive-"))).toEqual(names);
  for (const name of names) expect(statSync(join(past.directory, name)).mode & 0o777).toBe(0o664);
});

test("today's events stay, whatever is asked", async () => {
  for (const span of ["0d", "12h", "90", "-1d", "soon"]) {
    const { code, stderr } = await start("archive", "--older-than", span).ended;
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining("It must be a span such as 90d or 12w"),
    });
  }
  const today = past.message({ at: Date.now() - 1000 });
  past.message({ at: Date.now() });
  const { stdout } = await start("archive", "--older-than", "1d").ended;
  expect(stdout).toMatch(/^nothing is left to archive of what is so old\nlastgood\.db has /);
  expect(rowsOf("inbox", past.file)[0]?.id).toBe(today);
});

test("what is freed stays in the file for what comes, or is given back", async () => {
  for (let at = 0; at < MESSAGES; at += 1) past.message({ at: Date.now() - 50 * DAY + at });
  past.message({ at: Date.now() });
  const { stdout } = await start("archive", "--older-than", "1d", "--json").ended;
  const { bytes, free_bytes } = JSON.parse(stdout);
  expect(free_bytes).toBeGreaterThan(bytes / 2);
  const shrunk = JSON.parse((await start("archive", "--older-than", "1d", "--shrink", "--json").ended).stdout);
  expect(shrunk).toEqual({ files: [], bytes: expect.any(Number), free_bytes: 0 });
  expect(statSync(past.file).size).toBe(shrunk.bytes);
  expect(shrunk.bytes).toBeLessThanOrEqual(bytes - free_bytes);
});

test("two do not archive at once", async () => {
  const lock = tryLock(join(past.directory, ARCHIVE_LOCK_FILE));
  const { code, stderr } = await start("archive", "--older-than", "1d").ended;
  lock?.release();
  expect({ code, stderr }).toEqual({
    code: 78,
    stderr: "Another lastgood archive or forget is running here: wait for its end.\n",
  });
});
