import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Database, openDatabase } from "../../../shared/database.ts";
import { eventsAfter, logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { initSchema, SCHEMA_VERSION } from "../../../shared/schema.ts";
import { parseAnswer, type Question, type Unable } from "./scribe.ts";
import { createScribeTasks, type ScribeTasks } from "./scribe-tasks.ts";
import type { SchemaMade } from "./shared-file.ts";

let directory: string;
let path: string;
let tasks: ScribeTasks;
let others: Database[];
let followed: number;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lastgood-tasks-"));
  path = join(directory, "lastgood.db");
  followed = 0;
  tasks = createScribeTasks(path, () => {
    followed += 1;
  });
  others = [];
});
afterEach(() => {
  tasks.close();
  for (const db of others) db.close();
  rmSync(directory, { recursive: true });
});

function connect(): Database {
  const db = openDatabase(path);
  others.push(db);
  return db;
}
function prepared(): SchemaMade {
  const answer = tasks.answer({ kind: "prepare", made: null });
  if (answer.kind !== "prepared") throw new Error(JSON.stringify(answer));
  return { version: answer.version, digest: answer.digest };
}
/** Another process's work, which leaves nothing open. */
function meanwhile(work: (db: Database) => void): void {
  const db = openDatabase(path);
  db.pragma("foreign_keys = OFF");
  work(db);
  db.close();
}

const row = { timestamp: 1, parentId: null, eventType: "chat.paused", payload: '{"chat_id":7}', uncertain: false };
const questions = (made: SchemaMade): Question[] => [
  { kind: "prepare", made },
  { kind: "look", made, anchors: [], after: 0 },
  { kind: "append", after: 0, rows: [row] },
  { kind: "find", anchors: [] },
  { kind: "past", after: 0 },
  { kind: "repair" },
];
const troubles = (made: SchemaMade) =>
  questions(made).map((question) => {
    const answer = tasks.answer(question);
    expect(parseAnswer(question.kind, JSON.parse(JSON.stringify(answer)))).not.toBeNull();
    return answer.kind === "unable" ? forGood(answer.trouble) : answer.kind;
  });
/** What opening it for the first time would leave to the operator is no less damage. */
const forGood = (trouble: Unable["trouble"]) => (trouble === "setup" ? "damaged" : trouble);
const ALL_WELL = ["prepared", "seen", "appended", "found", "page", "repaired"];

test("a file is made where there is none, and everything is answered", () => {
  const made = prepared();
  expect(made.version).toBe(SCHEMA_VERSION);
  expect(troubles(made)).toEqual(ALL_WELL);
  expect(eventsAfter(connect(), 0, 10)).toMatchObject([{ eventType: "chat.paused" }]);
});

test.each<[string, () => void]>([
  ["is gone", () => {}],
  ["is a FIFO", () => execFileSync("mkfifo", [path])],
  ["is a directory", () => mkdirSync(path)],
  [
    "is a link to a database",
    () => {
      renameSync(`${path}.moved`, `${path}.target`);
      symlinkSync(`${path}.target`, path);
    },
  ],
  ["is empty", () => writeFileSync(path, "")],
  ["is random bytes", () => writeFileSync(path, Buffer.alloc(100_000, 7))],
  ["begins as a database and goes on as none", () => writeFileSync(path, `SQLite format 3\0${"x".repeat(9000)}`)],
])("a file that %s is damaged, whatever is asked, and can be replaced", (_, put) => {
  const made = prepared();
  logEvent(connect(), null, EventType.ChatPaused, { chat_id: 7 });
  for (const db of others.splice(0)) db.close();
  tasks.close();
  renameSync(path, `${path}.moved`);
  for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
  put();
  const wasThere = existsSync(path);
  expect(troubles(made)).toEqual(Array(6).fill("damaged"));
  expect(tasks.answer({ kind: "replace", setAside: "aside.db" })).toEqual({
    ...{ kind: "replaced", setAside: wasThere ? "aside.db" : null },
  });
  expect(readdirSync(directory).includes("aside.db")).toBe(wasThere);
  expect(troubles(made)).toEqual(ALL_WELL);
});

test.each(["-wal", "-shm", "-journal"])("what is no file beside it, at %s, is damage, too", (suffix) => {
  const made = prepared();
  tasks.close();
  rmSync(path + suffix, { force: true });
  execFileSync("mkfifo", [path + suffix]);
  expect(troubles(made)).toEqual(Array(6).fill("damaged"));
});

test("another file at the path is noticed while the old one is open", () => {
  const made = prepared();
  renameSync(path, `${path}.old`);
  meanwhile(initSchema);
  expect(tasks.answer({ kind: "find", anchors: [] })).toMatchObject({ trouble: "damaged" });
  rmSync(path);
  expect(tasks.answer({ kind: "look", made, anchors: [], after: 0 })).toMatchObject({ trouble: "damaged" });
});

test("a page that was overwritten is damage where it is met", () => {
  const made = prepared();
  meanwhile((db) => {
    for (let n = 0; n < 500; n += 1) logEvent(db, null, EventType.ChatPaused, { chat_id: n });
    db.pragma("wal_checkpoint(TRUNCATE)");
  });
  tasks.close();
  const file = openSync(path, "r+");
  const size = readFileSync(path).length;
  for (let at = 4096; at < size; at += 4096) writeSync(file, Buffer.alloc(4096, 0xee), 0, 4096, at);
  closeSync(file);
  expect(troubles(made)).toEqual(Array(6).fill("damaged"));
});

test("what is foreign in the schema is told, and put right on demand; a newer step of our own is none", () => {
  const made = prepared();
  meanwhile((db) => {
    db.pragma("user_version = 900");
    db.exec("CREATE TABLE mine (x); CREATE TRIGGER thief AFTER INSERT ON events BEGIN SELECT 1; END");
    db.exec("DROP TRIGGER events_refuse_delete");
  });
  expect(tasks.answer({ kind: "prepare", made })).toMatchObject({ kind: "prepared", ...made });
  const look = () => tasks.answer({ kind: "look", made, anchors: [], after: 0 });
  expect(look()).toMatchObject({
    foreign: ["user_version 900", "table mine", "trigger thief", "no trigger events_refuse_delete"],
  });
  expect(tasks.answer({ kind: "repair" })).toEqual({ kind: "repaired", foreign: [] });
  expect(look()).toMatchObject({ foreign: [] });
  meanwhile((db) => {
    db.exec("CREATE TABLE newer (x)");
    db.pragma(`user_version = ${SCHEMA_VERSION + 1}`);
  });
  tasks.close();
  const newer = tasks.answer({ kind: "prepare", made: null });
  expect(newer).toMatchObject({ kind: "prepared", version: SCHEMA_VERSION + 1 });
  if (newer.kind !== "prepared") throw new Error();
  expect(tasks.answer({ kind: "look", made: newer, anchors: [], after: 0 })).toMatchObject({ foreign: [] });
});

test("a newer generation is the operator's to settle when nobody is known to have made another", () => {
  prepared();
  meanwhile((db) => db.pragma("user_version = 900"));
  expect(tasks.answer({ kind: "prepare", made: null })).toMatchObject({ kind: "unable", trouble: "setup" });
});

test("a file without its table of events is damaged, also where a view without end stands in its place", () => {
  const made = prepared();
  meanwhile((db) => db.exec("DROP TABLE events"));
  expect(troubles(made)).toEqual(Array(6).fill("damaged"));
  meanwhile((db) =>
    db.exec(`CREATE VIEW events AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id FROM n)
      SELECT id, 0 AS timestamp, NULL AS parent_id, 'worker.ready' AS event_type, '{}' AS payload FROM n WHERE id > 1`),
  );
  expect(troubles(made)).toEqual(Array(6).fill("damaged"));
});

test("a table that others depend on is gone: what is left can be read, and is not to be put right", () => {
  const made = prepared();
  meanwhile((db) => db.exec("DROP TABLE history"));
  expect(tasks.answer({ kind: "look", made, anchors: [], after: 0 })).toMatchObject({
    foreign: expect.arrayContaining(["no table history"]),
  });
  expect(tasks.answer({ kind: "repair" })).toMatchObject({ trouble: "damaged" });
});

test.each<[string, (db: Database) => void]>([
  ["in the sequence", (db) => db.exec("UPDATE sqlite_sequence SET seq = 9223372036854775807")],
  ["by a row", (db) => db.exec("INSERT INTO events (id, event_type) VALUES (9223372036854775807, 'worker.ready')")],
  [
    "by a row that the sequence does not tell of",
    (db) => {
      db.exec("INSERT INTO events (id, event_type) VALUES (9223372036854775807, 'worker.ready')");
      db.exec("UPDATE sqlite_sequence SET seq = 5");
    },
  ],
])("ids that are used up, %s, are damage", (_, use) => {
  const made = prepared();
  meanwhile((db) => {
    logEvent(db, null, EventType.ChatPaused, { chat_id: 7 });
    use(db);
  });
  expect(tasks.answer({ kind: "look", made, anchors: [], after: 0 })).toMatchObject({ trouble: "damaged" });
});

test("a lock that another holds is waited for briefly, and said; the connection stays", () => {
  const made = prepared();
  const locker = connect();
  locker.exec("BEGIN IMMEDIATE");
  expect(tasks.answer({ kind: "append", after: 0, rows: [row] })).toMatchObject({ trouble: "locked" });
  expect(tasks.answer({ kind: "look", made, anchors: [], after: 0 })).toMatchObject({ kind: "seen", free: false });
  expect(tasks.answer({ kind: "repair" })).toMatchObject({ trouble: "locked" });
  locker.exec("ROLLBACK");
  expect(tasks.answer({ kind: "look", made, anchors: [], after: 0 })).toMatchObject({ free: true });
  expect(followed).toBe(1);
});

test("each connection is followed once, and closed before the next is opened", () => {
  const signals: AbortSignal[] = [];
  tasks = createScribeTasks(path, (_, signal) => signals.push(signal));
  const made = prepared();
  const look = { kind: "look", made, anchors: [], after: 0 } as const;
  tasks.answer(look);
  tasks.answer(look);
  tasks.answer({ kind: "replace", setAside: "aside.db" });
  tasks.answer(look);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  tasks.close();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
});

test("a file that is set aside keeps its bytes under the other name, with what lay beside it", () => {
  prepared();
  const other = connect();
  logEvent(other, null, EventType.ChatPaused, { chat_id: 7 });
  expect(tasks.answer({ kind: "replace", setAside: "aside.db" })).toEqual({ kind: "replaced", setAside: "aside.db" });
  other.close();
  expect(readdirSync(directory).sort()).toEqual(expect.arrayContaining(["aside.db", "lastgood.db"]));
  const aside = openDatabase(join(directory, "aside.db"));
  expect(eventsAfter(aside, 0, 10)).toHaveLength(1);
  aside.close();
  expect(eventsAfter(connect(), 0, 10)).toEqual([]);
});

test("room is kept and let go of, without a name, and what lies in its way does not matter", () => {
  prepared();
  const before = readdirSync(directory).sort();
  writeFileSync(join(directory, `.reserve-${process.pid}`), "");
  expect(tasks.answer({ kind: "reserve", bytes: 3_000_000 })).toEqual({ kind: "reserved", bytes: 3_000_000 });
  rmSync(join(directory, `.reserve-${process.pid}`));
  expect(readdirSync(directory).sort()).toEqual(before);
  expect(tasks.answer({ kind: "reserve", bytes: 3_000_000 })).toEqual({ kind: "reserved", bytes: 3_000_000 });
  expect(tasks.answer({ kind: "reserve", bytes: 0 })).toEqual({ kind: "reserved", bytes: 0 });
});
