import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Database, inTransaction } from "../../shared/database.ts";
import { eventsAfter, logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { createFakeClock } from "../../shared/fake-clock.ts";
import { silentLogger } from "../../shared/logging.ts";
import { readAnswer } from "../../shared/requests/answers.ts";
import { answersOf, inboxOf } from "../../shared/requests/requests-directory.ts";
import { temporaryRequests } from "../../shared/requests/temporary-requests.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../shared/temporary-database.ts";
import { createOperatorRequests } from "./operator-requests.ts";
import { createRecorder, type Recorder } from "./performer.ts";

const ID = "01JZZZZZZZZZZZZZZZZZZZZZZ";

let requests: ReturnType<typeof temporaryRequests>;
let temporary: TemporaryDatabase;
let journal: Database;
let clock: ReturnType<typeof createFakeClock>;
let sharedIds: Map<number, number>;
beforeEach(() => {
  requests = temporaryRequests();
  temporary = temporaryDatabase();
  journal = temporary.db;
  clock = createFakeClock(Date.now());
  sharedIds = new Map();
});
afterEach(() => {
  temporary.remove();
  requests.remove();
});

const name = (n: number) => `${ID}${n}`;
const fileOf = (n: number) => join(inboxOf(requests.directory), `${name(n)}.json`);
const ask = (n: number, type = "stop.requested", more = {}) =>
  writeFileSync(fileOf(n), JSON.stringify({ type, payload: { by: "op@host", from: "cli", ...more } }));
function supervisor(record: Recorder = createRecorder(journal, silentLogger, null)) {
  const ports = { journal, clock, log: silentLogger, record, sharedIdOf: (id: number) => sharedIds.get(id) ?? null };
  return createOperatorRequests(ports, requests.directory);
}
const journaled = () => eventsAfter(journal, 0, 1000);
const answer = (n: number) => readAnswer(requests.directory, name(n));

test("what waits is taken, oldest first, once, with its file's name, and its file goes", () => {
  ask(2, "start.requested");
  ask(1);
  const operator = supervisor();
  operator.take();
  operator.take();
  expect(journaled()).toMatchObject([
    { parentId: null, eventType: "stop.requested", payload: { by: "op@host", from: "cli", spool_id: name(1) } },
    { eventType: "start.requested", payload: { spool_id: name(2) } },
  ]);
  expect(readdirSync(inboxOf(requests.directory))).toEqual([]);
});

test("a supervisor that died before its row was there takes it, one that died after does not take it again", () => {
  ask(1);
  const dying = supervisor(() => {
    throw new Error("it died");
  });
  dying.take();
  expect(journaled()).toEqual([]);
  expect(existsSync(fileOf(1))).toBe(true);
  supervisor().take();
  ask(1); // its file is still there, or there again
  const successor = supervisor();
  successor.take();
  expect(journaled()).toHaveLength(1);
  expect(existsSync(fileOf(1))).toBe(false);
  successor.tell();
  expect(answer(1)).toMatchObject({ requestId: 1, kind: "stop", decided: true });
});

test("two of a kind are two, and one that fails keeps the next from nothing", () => {
  ask(1);
  ask(2);
  const record = createRecorder(journal, silentLogger, null);
  let calls = 0;
  const failing: Recorder = (...given) => {
    calls += 1;
    if (calls === 1) throw new Error("once");
    return record(...given);
  };
  const operator = supervisor(failing);
  operator.take();
  expect(journaled()).toMatchObject([{ payload: { spool_id: name(2) } }]);
  operator.take();
  expect(journaled()).toMatchObject([{ payload: { spool_id: name(2) } }, { payload: { spool_id: name(1) } }]);
});

test("what was asked is answered, and answered anew as soon as people's id for it is known", () => {
  ask(1);
  const operator = supervisor();
  operator.take();
  operator.tell();
  expect(answer(1)).toMatchObject({ requestId: 1, eventId: null, decided: true });
  sharedIds.set(1, 77);
  operator.tell();
  expect(answer(1)).toMatchObject({ requestId: 1, eventId: 77 });
  rmSync(join(answersOf(requests.directory), `${name(1)}.json`));
  operator.tell();
  expect(answer(1)).toBeNull();
});

test("a deploy is followed until it is decided, also by the next supervisor", () => {
  ask(1, "deploy.requested", { revision: "worker:b" });
  const first = supervisor();
  first.take();
  sharedIds.set(1, 77);
  first.tell();
  expect(answer(1)).toMatchObject({ kind: "deploy", decided: false, eventId: 77 });
  const successor = supervisor();
  logEvent(journal, null, EventType.DeployRejected, { request_id: 1, revision: "worker:b", reason: "r" });
  successor.tell();
  expect(answer(1)).toMatchObject({ decided: true, events: [{ eventType: "deploy.rejected" }] });
});

test("what is told is written again only when it says something new", () => {
  ask(1, "deploy.requested", { revision: "worker:b" });
  const operator = supervisor();
  operator.take();
  operator.tell();
  const path = join(answersOf(requests.directory), `${name(1)}.json`);
  rmSync(path);
  operator.tell();
  expect(existsSync(path)).toBe(false);
});

test("what was asked more than a day ago is not followed any more", () => {
  ask(1, "deploy.requested", { revision: "worker:b" });
  supervisor().take();
  clock.advance(86_400_000 + 60_000);
  supervisor().tell();
  expect(answer(1)).toBeNull();
});

test.each<[string, () => void]>([
  ["a FIFO", () => execFileSync("mkfifo", [fileOf(1)])],
  ["a link", () => symlinkSync("/etc/hostname", fileOf(1))],
  [
    "a directory with something in it",
    () => {
      mkdirSync(fileOf(1));
      writeFileSync(join(fileOf(1), "x"), "x");
    },
  ],
  ["no JSON", () => writeFileSync(fileOf(1), "{")],
  ["too much", () => writeFileSync(fileOf(1), `{"a":"${"x".repeat(5000)}"}`)],
  ["from the chat, as nobody may say here", () => ask(1, "stop.requested", { from: "chat" })],
  ["a type that is no request", () => ask(1, "revision.promoted")],
  ["a field too many", () => ask(1, "stop.requested", { spool_id: "mine" })],
])("%s is no request: it is told, goes, and keeps no other back", (_, put) => {
  put();
  ask(2);
  const operator = supervisor();
  operator.take();
  expect(journaled()).toMatchObject([{ payload: { spool_id: name(2) } }]);
  expect(answer(1)).toMatchObject({ decided: true, requestId: 0, problem: expect.any(String) });
  expect(readdirSync(inboxOf(requests.directory))).toEqual([]);
});

test("other names are left alone", () => {
  writeFileSync(join(inboxOf(requests.directory), ".half-written.json"), "{");
  supervisor().take();
  expect(readdirSync(inboxOf(requests.directory))).toEqual([".half-written.json"]);
});

test("a file that shows that the loop turns is there, and an answer that cannot be written is tried again", () => {
  ask(1);
  const operator = supervisor();
  operator.take();
  const answers = answersOf(requests.directory);
  rmSync(answers, { recursive: true });
  operator.tell();
  mkdirSync(answers);
  operator.tell();
  expect(readFileSync(join(answers, "supervisor.alive"), "utf8")).toBe("");
  expect(answer(1)).toMatchObject({ decided: true });
});

test("two hundred further requests of its kind do not make a file that is found again a new one", () => {
  ask(1);
  supervisor().take();
  inTransaction(journal, () => {
    for (let n = 0; n < 199; n += 1) logEvent(journal, null, EventType.StopRequested, { by: "op", from: "console" });
  });
  ask(1);
  supervisor().take();
  expect(journaled()).toHaveLength(200);
});

test("a request is told of as it comes, until it is asked to stop", async () => {
  const rung = Promise.withResolvers<void>();
  const ended = new AbortController();
  supervisor().watch(rung.resolve, ended.signal);
  ask(1);
  await rung.promise;
  ended.abort();
});

test("where nothing can be watched, nothing throws", () => {
  rmSync(inboxOf(requests.directory), { recursive: true });
  const operator = supervisor();
  operator.watch(() => {}, new AbortController().signal);
  operator.take();
});
