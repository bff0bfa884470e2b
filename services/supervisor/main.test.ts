import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Database, openDatabase } from "../../shared/database.ts";
import { newestEvents } from "../../shared/event-log.ts";
import { nextEvent } from "../../shared/follow.ts";
import { makeRequestsDirectory } from "../../shared/requests/requests-directory.ts";
import { initSchema } from "../../shared/schema.ts";
import { newestSupervisor } from "../../shared/worker-state.ts";

/** The supervisor and the worker as real processes, over a real file. */

const NOBODY_LISTENS = "http://127.0.0.1:9";
const PROGRAM = join(import.meta.dirname, "main.ts");
/** A process takes some 300 ms to start here; this is when to stop waiting for one that never will. */
const PATIENCE_MS = 20_000;

let directory: string;
let stateDir: string;
let db: Database;
let children: ChildProcess[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lastgood-"));
  stateDir = join(directory, "state");
  for (const name of [stateDir, join(directory, "own")]) mkdirSync(name);
  makeRequestsDirectory(join(directory, "requests"));
  db = openDatabase(join(stateDir, "lastgood.db"));
  initSchema(db);
  children = [];
});
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  }
  for (const pid of workerPids()) await untilGone(pid);
  db.close();
  rmSync(directory, { recursive: true });
});

const workerPids = () =>
  newestEvents(db, "process.started", 100)
    .filter(({ payload }) => payload.role === "worker")
    .map(({ payload }) => payload.pid);
/** A worker outlives its killed supervisor by some milliseconds; as a zombie it waits for the host to take note. */
async function untilGone(pid: number): Promise<void> {
  const stat = `/proc/${pid}/stat`;
  while (existsSync(stat) && !/\) [ZX] /.test(readOrNothing(stat))) await setImmediate();
}
function readOrNothing(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ") X "; // it went between two lines
  }
}

function startSupervisor(settings: Record<string, string> = {}) {
  const local = {
    STATE_DIR: stateDir,
    OWN_DIR: join(directory, "own"),
    WORKER_RUNTIME: "process",
    LOCAL_PEERS_URL: NOBODY_LISTENS,
  };
  const environment = { PATH: process.env.PATH, ...local, ...settings };
  const child = spawn(process.execPath, [PROGRAM], { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (output += text));
  const says = (words: string) =>
    new Promise<void>((resolve) => child.stdout.on("data", () => output.includes(words) && resolve()));
  return { child, output: () => output, says, exit: once(child, "close") };
}

async function eventOfType(type: string, afterId = 0) {
  const event = await nextEvent(db, afterId, ({ eventType }) => eventType === type, AbortSignal.timeout(PATIENCE_MS));
  if (!event) throw new Error(`no ${type} came`);
  return event;
}

const isWorker = (payload: Readonly<Record<string, unknown>> | null) => payload?.role === "worker";
async function workerStarted(afterId = 0) {
  const matches = (event: { eventType: string; payload: Readonly<Record<string, unknown>> | null }) =>
    event.eventType === "process.started" && isWorker(event.payload);
  const event = await nextEvent(db, afterId, matches, AbortSignal.timeout(PATIENCE_MS));
  if (!event) throw new Error("no worker started");
  return event;
}

test("a worker killed from outside is started again, and both write their own identity", async () => {
  const supervisor = startSupervisor();
  const worker = await workerStarted();
  const supervisorStarted = await eventOfType("process.started");
  expect(supervisorStarted).toMatchObject({
    parentId: null,
    payload: { role: "supervisor", pid: supervisor.child.pid },
  });
  expect(worker).toMatchObject({ parentId: supervisorStarted.id, payload: { instance: `${supervisorStarted.id}.1` } });

  process.kill(Number(worker.payload?.pid), "SIGKILL");
  const exited = await eventOfType("worker.exited", worker.id);
  expect(exited.payload).toMatchObject({ class: "crash", signal: "SIGKILL", process_id: worker.id });
  expect(await workerStarted(exited.id)).toMatchObject({ payload: { instance: `${supervisorStarted.id}.2` } });
});

test("SIGTERM stops the worker first, and the supervisor leaves with 0", async () => {
  const supervisor = startSupervisor();
  const worker = await workerStarted();
  supervisor.child.kill("SIGTERM");
  expect(await supervisor.exit).toEqual([0, null]);
  expect((await eventOfType("worker.exited")).payload).toMatchObject({ class: "asked", exit_code: 0 });
  expect(() => process.kill(Number(worker.payload?.pid), 0)).toThrow(/ESRCH/);
});

test("a worker goes when its supervisor was killed, and the successor records that", async () => {
  const supervisor = startSupervisor();
  const worker = await workerStarted();
  await eventOfType("worker.spawned");
  supervisor.child.kill("SIGKILL");
  await supervisor.exit;
  await untilGone(Number(worker.payload?.pid));
  startSupervisor();
  expect((await eventOfType("worker.exited", worker.id)).payload).toMatchObject({ class: "removed" });
  await workerStarted(worker.id);
});

test("a second supervisor on the same volume says who is there, waits, and takes over when it goes", async () => {
  const first = startSupervisor();
  const worker = await workerStarted();
  const second = startSupervisor();
  await second.says("another supervisor holds this volume");
  expect(newestSupervisor(db)?.pid).toBe(first.child.pid);
  first.child.kill("SIGKILL");
  await first.exit;
  const successor = await workerStarted(worker.id);
  expect(newestSupervisor(db)).toMatchObject({ eventId: successor.parentId, pid: second.child.pid });
});

test("every wrong setting is told at once, with 78 and without a stack trace", async () => {
  const supervisor = startSupervisor({ CRASH_THRESHOLD: "many", LOCAL_PEERS_URL: "nowhere" });
  expect(await supervisor.exit).toEqual([78, null]);
  expect(supervisor.output()).toBe(
    "- CRASH_THRESHOLD is not valid: it must be a whole number from 1 to 20. Correct it, or remove it to have 3.\n" +
      "- LOCAL_PEERS_URL is not valid: it must be a URL that starts with http:// or https://. Correct it, or remove it to have http://127.0.0.1:8081.\n",
  );
});

test.each([
  [
    "a missing Docker socket",
    { WORKER_RUNTIME: "docker", DOCKER_SOCKET: "/nonexistent.sock" },
    /Engine cannot be reached.*Mount/,
  ],
  ["a missing state directory", { STATE_DIR: "/nonexistent" }, /\/nonexistent cannot be opened \(ENOENT\)/],
])("%s is one clear line", async (_, settings, line) => {
  const supervisor = startSupervisor(settings);
  expect(await supervisor.exit).toEqual([78, null]);
  expect(supervisor.output()).toMatch(line);
  expect(supervisor.output().trim().split("\n")).toHaveLength(1);
});

test("a schema of a newer generation is one clear line", async () => {
  db.pragma("user_version = 201");
  const supervisor = startSupervisor();
  expect(await supervisor.exit).toEqual([78, null]);
  expect(supervisor.output()).toMatch(/^The database has schema generation 2.*\n$/);
});
