import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { AGENT_TREE } from "./agent-tree.ts";
import { EventType } from "./event-types.ts";
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

test("of what is in an archive all that an attempt is told by may be deleted, and nothing else", () => {
  const { db } = temporary;
  const types = Object.values(EventType);
  for (const type of types) db.prepare("INSERT INTO events (event_type) VALUES (?)").run(type);
  const archived = JSON.stringify({ ranges: [[1, types.length]] });
  db.prepare("INSERT INTO events (event_type, payload) VALUES ('log.archived', ?)").run(archived);
  const mayGo = (type: string) => {
    try {
      return db.prepare("DELETE FROM events WHERE event_type = ?").run(type).changes === 1;
    } catch {
      return false; // the trigger refuses it
    }
  };
  expect(types.filter(mayGo)).toEqual(types.filter((type) => AGENT_TREE.includes(type)));
});
