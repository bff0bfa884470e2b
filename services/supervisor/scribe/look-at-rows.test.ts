import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Database } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { lookAtRows, newestClaimId } from "./look-at-rows.ts";
import { pastRows } from "./read-rows.ts";
import { parseAnswer } from "./scribe.ts";

let temporary: TemporaryDatabase;
let db: Database;
beforeEach(() => {
  temporary = temporaryDatabase();
  db = temporary.db;
});
afterEach(() => temporary.remove());

const look = (after = 0, anchors: Parameters<typeof lookAtRows>[1]["anchors"] = []) =>
  lookAtRows(db, { anchors, after });
const ready = (payload = '{"poll_ms":1}') =>
  Number(
    db.prepare("INSERT INTO events (event_type, payload) VALUES ('worker.ready', ?)").run(payload).lastInsertRowid,
  );
/** Each row can be told as it is answered, also between the processes. */
function expectTold(rows: number) {
  const seen = { kind: "seen", foreign: [], ...look() };
  expect(parseAnswer("look", JSON.parse(JSON.stringify(seen)))).toMatchObject({ kind: "seen" });
  const page = { kind: "page", rows: pastRows(db, 0), maxId: 0 };
  expect(parseAnswer("past", JSON.parse(JSON.stringify(page)))).toMatchObject({ kind: "page" });
  expect(seen.claims.length + seen.skipped).toBe(rows);
}

test("claims are told in their order, whatever their type, and nothing else is", () => {
  const first = logEvent(db, null, EventType.WorkerReady, { poll_ms: 1 });
  logEvent(db, first, EventType.ChatPaused, { chat_id: 7 });
  logEvent(db, first, EventType.DeployRequested, { by: "ann", from: "chat", revision: "worker:b" });
  const last = logEvent(db, first, EventType.UpstreamAvailable, { upstream: "telegram", outage_ms: 1 });
  logEvent(db, null, EventType.StopRequested, { by: "ann", from: "cli" });
  const seen = look();
  expect(seen.claims.map(({ id, parentId }) => ({ id, parentId }))).toEqual([
    { id: first, parentId: null },
    { id: 3, parentId: first },
    { id: last, parentId: first },
  ]);
  expect(seen).toMatchObject({ free: true, anchored: true, skipped: 0, scannedTo: 5 });
  expect(look(3).claims.map(({ id }) => id)).toEqual([last]);
  expect(newestClaimId(db)).toBe(last);
});

test("of a flood the end is told, the rest is counted, and nothing of it is looked at again", () => {
  for (let n = 0; n < 250; n += 1) ready();
  logEvent(db, null, EventType.DeployRequested, { by: "a", from: "chat", revision: "worker:b" });
  const seen = look();
  expect(seen.claims.map(({ id }) => id)).toEqual(Array.from({ length: 51 }, (_, n) => 201 + n));
  expect(seen).toMatchObject({ skipped: 200, scannedTo: 251 });
  expect(look(seen.scannedTo).claims).toEqual([]);
});

test("rows are told whatever somebody wrote into them", () => {
  db.pragma("foreign_keys = OFF");
  const insert = db.prepare("INSERT INTO events (timestamp, parent_id, event_type, payload) VALUES (?, ?, ?, ?)");
  const type = EventType.ProcessStarted;
  const rows: unknown[][] = [
    [1, -1, type, "{}"],
    [1, 2n ** 62n, type, "{}"],
    [-5, null, type, "{}"],
    [2n ** 62n, null, type, "{}"],
    [1, null, type, `{}\0${"x".repeat(200_000)}`],
    [1, null, type, `{"a":"${"😀".repeat(1900)}"}`],
    [1, null, type, `{"a":"${"\u0001".repeat(1900)}"}`],
    [1, null, type, null],
  ];
  let written = 0;
  for (const row of rows) {
    try {
      insert.run(...row);
      written += 1;
    } catch {
      // what the table itself refuses
    }
  }
  expect(written).toBeGreaterThanOrEqual(6);
  expectTold(written);
});

test("rows of a table that was made without our rules are told, as far as they have an id", () => {
  db.exec("PRAGMA writable_schema = ON");
  db.exec("DROP TABLE events; CREATE TABLE events (id, timestamp, parent_id, event_type, payload)");
  const insert = db.prepare("INSERT INTO events VALUES (?, ?, ?, 'worker.ready', ?)");
  insert.run(1.5, 1, null, "{}");
  insert.run(null, 1, null, "{}");
  insert.run(-4n, 1, null, "{}");
  insert.run(2n, "noon", "nobody", Buffer.from("{}"));
  insert.run(3n, 1.5, 2.5, 7);
  insert.run(4n, null, Buffer.alloc(3), "{}");
  expectTold(3);
  expect(look().claims).toEqual([{ id: 4, timestamp: 0, parentId: null, eventType: "worker.ready", payload: "{}" }]);
});

test("the most that a look can tell is less than what a line may have", () => {
  db.pragma("ignore_check_constraints = ON");
  const claim = "\u0001".repeat(2000);
  const types = ["process.started", "worker.ready", "upstream.unavailable", "upstream.available"];
  const insert = db.prepare("INSERT INTO events (event_type, payload) VALUES (?, ?)");
  db.exec("DROP INDEX processes_by_instance; DROP INDEX starts_by_bot; DROP INDEX answers_by_request");
  for (const type of [...types, "deploy.requested", "rollback.requested", "message.set_aside"])
    for (let n = 0; n < 100; n += 1) insert.run(type, claim);
  expect(JSON.stringify(look()).length).toBeLessThan(8 * 1024 * 1024);
});

test("a payload of 2,000 bytes is a claim, one more is none and counted", () => {
  ready(JSON.stringify({ poll_ms: 1, more: "x".repeat(2000 - 23) }));
  ready(JSON.stringify({ poll_ms: 1, more: "x".repeat(2000 - 22) }));
  expect(look().claims.map(({ payload }) => payload?.length)).toEqual([2000]);
  expect(look().skipped).toBe(1);
});

test("ids that went back mean another file: it is read from its beginning", () => {
  ready();
  expect(look(5000)).toMatchObject({ claims: [{ id: 1 }], scannedTo: 1 });
  expect(look(1)).toMatchObject({ claims: [], scannedTo: 1 });
});

test("a row is known again by its id, its time and its type", () => {
  const id = ready();
  const timestamp = look().claims[0]?.timestamp ?? 0;
  const anchor = { id, timestamp, eventType: "worker.ready" };
  expect(look(0, [anchor]).anchored).toBe(true);
  expect(look(0, [anchor, { ...anchor, timestamp: 1 }]).anchored).toBe(false);
  expect(look(0, [{ ...anchor, eventType: "worker.exited" }]).anchored).toBe(false);
  expect(look(0, [{ ...anchor, id: 2 }]).anchored).toBe(false);
});

test("an id far beyond any log is damage, the largest that could be one is not", () => {
  ready();
  db.exec(`UPDATE sqlite_sequence SET seq = ${2 ** 48 - 1}`);
  ready();
  expect(look().scannedTo).toBe(2 ** 48);
  ready();
  expect(() => look()).toThrow("used up");
  db.exec("UPDATE sqlite_sequence SET seq = 5");
  expect(() => look()).toThrow("used up");
});
