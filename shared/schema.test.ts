import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { initSchema, requireSchema } from "./schema.ts";
import { type TemporaryDatabase, temporaryDatabase } from "./temporary-database.ts";

let temporary: TemporaryDatabase;
beforeEach(() => {
  temporary = temporaryDatabase();
});
afterEach(() => temporary.remove());

test("exactly three tables exist", () => {
  const tables = temporary.db
    .prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name",
    )
    .pluck()
    .all();
  expect(tables).toEqual(["events", "history", "inbox"]);
});

test("a second start finds the schema as it is and keeps the rows", () => {
  temporary.db.prepare("INSERT INTO events (event_type) VALUES ('process.started')").run();
  initSchema(temporary.connect());
  expect(temporary.db.prepare("SELECT count(*) FROM events").pluck().get()).toBe(1);
});

test("a later step of the same generation is not refused", () => {
  temporary.db.pragma("user_version = 199");
  const other = temporary.connect();
  initSchema(other);
  requireSchema(other);
  expect(other.pragma("user_version", { simple: true })).toBe(199);
});

test("a newer generation is refused with what to do", () => {
  temporary.db.pragma("user_version = 201");
  const refusal = /schema generation 2, this program knows generation 1\. Use a newer image/;
  expect(() => initSchema(temporary.db)).toThrow(refusal);
  expect(() => requireSchema(temporary.db)).toThrow(refusal);
});

test("a database that was never migrated is refused by those who do not migrate", () => {
  temporary.db.pragma("user_version = 0");
  expect(() => requireSchema(temporary.db)).toThrow(/Start the supervisor of this version first/);
});
