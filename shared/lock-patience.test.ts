import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Database, inTransaction, sql } from "./database.ts";
import { logEvent } from "./event-log.ts";
import { setLockPatience } from "./lock-patience.ts";
import { type TemporaryDatabase, temporaryDatabase } from "./temporary-database.ts";

let temporary: TemporaryDatabase;
let other: Database;
let db: Database;
let waits: number;
beforeEach(() => {
  temporary = temporaryDatabase();
  other = temporary.connect();
  other.prepare("BEGIN IMMEDIATE").run();
  db = temporary.connect();
  db.pragma("busy_timeout = 1");
  waits = 0;
});
afterEach(() => temporary.remove());

/** The other lets go of the lock in the wait given. */
function patient(tries: number, untilWait = Number.POSITIVE_INFINITY) {
  const onWait = () => {
    waits += 1;
    if (waits === untilWait) other.prepare("COMMIT").run();
  };
  setLockPatience(db, { tries, onWait });
}

test("a lock that is let go of is waited for, by a transaction and by a single statement", () => {
  patient(10, 3);
  expect(inTransaction(db, () => logEvent(db, null, "supervisor.halted", { reason: "r" }))).toBe(1);
  expect(waits).toBe(3);
  other.prepare("BEGIN IMMEDIATE").run();
  waits = 0;
  expect(logEvent(db, null, "supervisor.halted", { reason: "r" })).toBe(2);
  expect(sql(db, "SELECT count(*) FROM events").pluck().get()).toBe(2);
});

test("a lock that is kept ends the wait after so many tries, and leaves nothing", () => {
  patient(4);
  expect(() => inTransaction(db, () => undefined)).toThrow(/locked/);
  expect(waits).toBe(3);
  expect(db.inTransaction).toBe(false);
});

test("what another thing refuses is not asked again, and without patience nothing is", () => {
  patient(4);
  expect(() => sql(db, "INSERT INTO events (id, event_type) VALUES (-1, 'x')").run()).toThrow();
  const impatient = temporary.connect();
  impatient.pragma("busy_timeout = 1");
  expect(() => logEvent(impatient, null, "supervisor.halted", { reason: "r" })).toThrow(/locked/);
});
