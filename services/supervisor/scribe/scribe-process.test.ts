import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Clock, systemClock } from "../../../shared/clock.ts";
import { type Database, openDatabase } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { silentLogger } from "../../../shared/logging.ts";
import { createScribeProcess } from "./scribe-process.ts";

/** The child as a real process, over a real file. */

let directory: string;
let clock: Clock & { at: number; sleepMs: number | null };
let scribe: ReturnType<typeof createScribeProcess>;
let others: Database[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lastgood-scribe-"));
  others = [];
  clock = {
    ...systemClock,
    at: 0,
    sleepMs: null,
    monotonicMs: () => clock.at,
    sleep: (ms, signal) => systemClock.sleep(clock.sleepMs ?? ms, signal),
  };
  scribe = createChild();
});
afterEach(async () => {
  scribe.stop();
  await untilNone();
  for (const db of others) db.close();
  rmSync(directory, { recursive: true });
});

function createChild(program?: string, environment: Record<string, string> = {}) {
  return createScribeProcess(
    { clock, log: silentLogger },
    { stateDir: directory, environment, ...(program && { program }) },
  );
}

/** The processes whose last argument is this test's directory. */
function children(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && cmdlineOf(name).endsWith(`\0${directory}\0`))
    .map(Number);
}
function cmdlineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return ""; // it went meanwhile
  }
}
async function untilNone(): Promise<void> {
  while (children().length > 0) await setImmediate();
}

const file = () => join(directory, "lastgood.db");
const prepare = () => scribe.ask({ kind: "prepare", made: null });
const find = () => scribe.ask({ kind: "find", anchors: [] });
const FOUND = { kind: "found", index: null };
function connect(): Database {
  const db = openDatabase(file());
  others.push(db);
  return db;
}
/** The next answer, however long the pause before the next child would be. */
async function findAgain() {
  clock.at += 5000;
  return find();
}

test("it is started when it is asked, answers in order, and is one process", async () => {
  expect(children()).toEqual([]);
  const answers = await Promise.all([prepare(), find(), find()]);
  expect(answers).toMatchObject([{ kind: "prepared", maxId: 0 }, FOUND, FOUND]);
  expect(children()).toHaveLength(1);
});

test("nothing of the supervisor's environment is in the child's", async () => {
  process.env.MARKED_SECRET = "marked";
  scribe.stop();
  scribe = createChild(undefined, { NODE_COMPILE_CACHE: join(directory, "cache") });
  await prepare();
  const environment = readFileSync(`/proc/${children()[0]}/environ`, "utf8");
  expect(environment).toBe(`NODE_COMPILE_CACHE=${join(directory, "cache")}\0`);
  delete process.env.MARKED_SECRET;
});

test("one that is silent is killed after two seconds, and the next answers; none before a pause has passed", async () => {
  await prepare();
  const [silent = 0] = children();
  process.kill(silent, "SIGSTOP");
  const since = performance.now();
  expect(await find()).toBeNull();
  expect(performance.now() - since).toBeGreaterThanOrEqual(1990);
  expect(await find()).toBeNull();
  expect(await findAgain()).toEqual(FOUND);
  expect(children()).not.toContain(silent);
});

test("a FIFO in place of the file is an answer, and blocks nobody", async () => {
  await prepare();
  rmSync(file());
  execFileSync("mkfifo", [file()]);
  expect(await find()).toMatchObject({ kind: "unable", trouble: "damaged" });
  rmSync(file());
  expect(await scribe.ask({ kind: "replace", setAside: "aside.db" })).toMatchObject({ kind: "replaced" });
  expect(await find()).toEqual(FOUND);
});

test("shared memory that is cut off under it ends the child alone, and the next one answers", async () => {
  await prepare();
  logEvent(connect(), null, EventType.ChatPaused, { chat_id: 7 });
  expect(await scribe.ask({ kind: "look", made: { version: 0, digest: "" }, anchors: [], after: 0 })).not.toBeNull();
  const [before] = children();
  truncateSync(`${file()}-shm`, 0);
  const answer = await find();
  const next = answer ?? (await findAgain());
  expect(next).toEqual(FOUND);
  if (answer === null) expect(children()).not.toContain(before);
});

/** A child that speaks another language than ours; each start of it is a letter in a file. */
async function strangeChild(onQuestion: string): Promise<() => number> {
  const program = join(directory, "strange.mjs");
  const starts = join(directory, "starts");
  writeFileSync(starts, "");
  const began = `(await import("node:fs")).appendFileSync(${JSON.stringify(starts)}, "s");`;
  writeFileSync(program, `${began} process.stdin.on("data", (text) => { ${onQuestion} });`);
  scribe = createChild(program);
  return () => readFileSync(starts, "utf8").length;
}

test("one that dies again and again is started after 0.1 s, 0.2 s, and so on up to 5 s", async () => {
  const starts = await strangeChild("process.exit(3);");
  const pauses = [100, 200, 400, 800, 1600, 3200, 5000, 5000];
  for (const [deaths, pause] of pauses.entries()) {
    expect(await find()).toBeNull();
    expect(starts()).toBe(deaths + 1);
    clock.at += pause - 1;
    expect(await find()).toBeNull();
    expect(starts()).toBe(deaths + 1);
    clock.at += 1;
  }
});

test("an answer ends the pauses' growth", async () => {
  const answer = JSON.stringify(JSON.stringify(FOUND));
  const starts = await strangeChild(`if (String(text).includes("past")) process.exit(1); console.log(${answer});`);
  for (let deaths = 1; deaths <= 3; deaths += 1) {
    expect(await find()).toEqual(FOUND);
    expect(await scribe.ask({ kind: "past", after: 0 })).toBeNull();
    expect(starts()).toBe(deaths);
    clock.at += 100;
  }
});

test.each([
  ["no JSON", 'console.log("{");'],
  ["nothing but a line's end", "console.log();"],
  ["an answer to another question", `console.log('{"kind":"repaired","foreign":[]}');`],
  ["a field of another kind", `console.log('{"kind":"found","index":"first"}');`],
  ["a line without end", 'const more = () => process.stdout.write("x".repeat(1e6), more); more();'],
])("%s is no answer, and that child is not asked again", async (_, says) => {
  const starts = await strangeChild(says);
  expect(await find()).toBeNull();
  await untilNone();
  clock.at += 5000;
  expect(await find()).toBeNull();
  expect(starts()).toBe(2);
});

test("an answer that comes too late is none to the next question", async () => {
  const late = `if (String(text).includes('"before"')) setTimeout(() => console.log('{"kind":"found","index":1}'), 10);
      else console.log('{"kind":"found","index":0}');`;
  await strangeChild(late);
  expect(await find()).toEqual({ kind: "found", index: 0 });
  clock.sleepMs = 0;
  expect(await scribe.ask({ kind: "find", anchors: [{ id: 1, timestamp: 1, eventType: "before" }] })).toBeNull();
  clock.sleepMs = null;
  clock.at += 5000;
  expect(await find()).toEqual({ kind: "found", index: 0 });
});

test("a program that is not there, and a system that has no room for a process, are nothing heard", async () => {
  scribe = createChild(join(directory, "nothing.mjs"));
  expect(await find()).toBeNull();
  scribe = createChild(undefined, { HUGE: "x".repeat(3_000_000) });
  expect(await find()).toBeNull();
  clock.at += 5000;
  expect(await find()).toBeNull();
});

test("news are told as rows come in, and are no answers", async () => {
  const news = Promise.withResolvers<void>();
  scribe.onNews(news.resolve);
  await prepare();
  const made = { version: 0, digest: "" };
  await scribe.ask({ kind: "look", made, anchors: [], after: 0 });
  logEvent(connect(), null, EventType.WorkerReady, { poll_ms: 1 });
  await news.promise;
  expect(await find()).toEqual(FOUND);
});

test("stopped, it leaves no process, answers what was asked with nothing, and is not started again", async () => {
  await prepare();
  process.kill(children()[0] ?? 0, "SIGSTOP");
  const asked = [find(), scribe.ask({ kind: "past", after: 0 })];
  await setImmediate();
  scribe.stop();
  expect(await Promise.all(asked)).toEqual([null, null]);
  expect(await find()).toBeNull();
  await untilNone();
});

test("it goes when its parent is killed", async () => {
  const program = join(import.meta.dirname, "main.ts");
  const parent = spawn(process.execPath, [
    "-e",
    `require("node:child_process").spawn(process.execPath, [${JSON.stringify(program)}, ${JSON.stringify(directory)}],
       { stdio: ["pipe", "pipe", "inherit"] }).stdin.write('{"kind":"prepare","made":null}\\n');
     setInterval(() => {}, 1000);`,
  ]);
  while (children().length === 0) await setImmediate();
  parent.kill("SIGKILL");
  await once(parent, "exit");
  await untilNone();
});
