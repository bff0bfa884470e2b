import { afterEach, beforeEach, expect, test } from "@jest/globals";
import {
  childrenOf,
  eventById,
  eventsAfter,
  firstEventIdSince,
  lastEvents,
  logEvent,
  newestEvent,
  newestEvents,
} from "./event-log.ts";
import { EventType } from "./event-types.ts";
import { type TemporaryDatabase, temporaryDatabase } from "./temporary-database.ts";

let temporary: TemporaryDatabase;
beforeEach(() => {
  temporary = temporaryDatabase();
});
afterEach(() => temporary.remove());

const supervisorStarted = { role: "supervisor", pid: 1, version: "v" } as const;
const logRoot = () => logEvent(temporary.db, null, EventType.ProcessStarted, supervisorStarted);

test("ids grow and the database sets the timestamp in milliseconds", () => {
  const before = Date.now();
  const ids = [logRoot(), logRoot(), logRoot()];
  const after = Date.now();
  expect(ids).toEqual([1, 2, 3]);
  for (const { timestamp } of eventsAfter(temporary.db, 0, 10)) {
    expect(timestamp).toBeGreaterThanOrEqual(before - 1); // SQLite rounds where Date truncates
    expect(timestamp).toBeLessThanOrEqual(after + 1);
  }
});

test("an event keeps its parent and its payload", () => {
  const root = logRoot();
  const child = logEvent(temporary.db, root, EventType.SupervisorHalted, { reason: "nothing left" });
  expect(eventById(temporary.db, child)).toMatchObject({
    id: child,
    parentId: root,
    eventType: "supervisor.halted",
    payload: { reason: "nothing left" },
  });
  expect(childrenOf(temporary.db, root).map((event) => event.id)).toEqual([child]);
});

test("a null payload is stored as NULL", () => {
  const id = logEvent(temporary.db, null, EventType.ProcessStarted, null);
  expect(temporary.db.prepare("SELECT payload FROM events WHERE id = ?").pluck().get(id)).toBeNull();
  expect(eventById(temporary.db, id)?.payload).toBeNull();
});

test("a parent that does not exist is refused", () => {
  expect(() => logEvent(temporary.db, 99, EventType.WorkerReady, { poll_ms: 1 })).toThrow(/FOREIGN KEY/);
});

test.each([
  ["an UPDATE", "UPDATE events SET payload = NULL WHERE id = 1"],
  ["a DELETE", "DELETE FROM events WHERE id = 1"],
  ["an INSERT OR REPLACE", "INSERT OR REPLACE INTO events (id, event_type) VALUES (1, 'forged')"],
  [
    "an upsert",
    "INSERT INTO events (id, event_type) VALUES (1, 'forged') ON CONFLICT DO UPDATE SET event_type = 'forged'",
  ],
])("%s is refused, from a second connection too", (_, statement) => {
  logRoot();
  const before = eventById(temporary.db, 1);
  for (const connection of [temporary.db, temporary.connect()]) {
    expect(() => connection.prepare(statement).run()).toThrow(/append-only/);
  }
  expect(eventById(temporary.db, 1)).toEqual(before);
});

test("an id below one is refused, so later ids go on growing", () => {
  expect(() => temporary.db.prepare("INSERT INTO events (id, event_type) VALUES (-1, 'x')").run()).toThrow(/CHECK/);
  expect(logRoot()).toBe(1);
});

test("a secret in a payload does not reach the file", () => {
  const token = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0";
  const id = logEvent(temporary.db, logRoot(), EventType.SupervisorHalted, { reason: `GET /bot${token}/getMe failed` });
  expect(eventById(temporary.db, id)?.payload).toEqual({ reason: "GET /bot[redacted]/getMe failed" });
});

test("blanking touches texts alone: a number or a name that looks like a secret stays", () => {
  const payload = { bot_id: 1234567, epoch: 0, offset_sent: 1234567890 };
  const id = logEvent(temporary.db, logRoot(), EventType.OffsetReset, payload);
  expect(eventById(temporary.db, id)?.payload).toEqual(payload);
});

test("the newest of a type, and pages of the log, come in order", () => {
  const root = logRoot();
  const halts = ["a", "b", "c"].map((reason) => logEvent(temporary.db, root, EventType.SupervisorHalted, { reason }));
  expect(newestEvent(temporary.db, EventType.SupervisorHalted)?.payload.reason).toBe("c");
  expect(newestEvents(temporary.db, EventType.SupervisorHalted, 2).map((event) => event.id)).toEqual([
    halts[2],
    halts[1],
  ]);
  expect(newestEvents(temporary.db, EventType.SupervisorHalted, 9, halts[1]).map((event) => event.id)).toEqual([
    halts[2],
    halts[1],
  ]);
  expect(newestEvent(temporary.db, EventType.WorkerReady)).toBeNull();
  expect(eventsAfter(temporary.db, root, 2).map((event) => event.id)).toEqual([halts[0], halts[1]]);
  expect(lastEvents(temporary.db, 2).map((event) => event.id)).toEqual([halts[1], halts[2]]);
});

test("the first event since a moment is found, also where ids are missing", () => {
  const insert = temporary.db.prepare("INSERT INTO events (id, timestamp, event_type) VALUES (?, ?, 'stop.requested')");
  expect(firstEventIdSince(temporary.db, 0)).toBe(1);
  for (const id of [3, 4, 9, 10, 20]) insert.run(id, id * 100);
  const found = [0, 300, 301, 400, 401, 900, 1999, 2000, 2001].map((at) => firstEventIdSince(temporary.db, at));
  const first = found.map((id) => temporary.db.prepare("SELECT min(id) FROM events WHERE id >= ?").pluck().get(id));
  expect(first).toEqual([3, 3, 4, 4, 9, 9, 20, 20, null]);
});
