import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { EVENTS_OF } from "./slice.ts";
import { DAY, type TemporaryPast, temporaryPast } from "./temporary-past.ts";

const NOW = Date.UTC(2030, 5, 15, 12);

let past: TemporaryPast;
beforeEach(() => {
  past = temporaryPast(NOW - 200 * DAY);
});
afterEach(() => past.remove());

const all = (query: string) => past.db.prepare(query).pluck().all();

test("the log lets go of what its newest log.archived covers, and of nothing else", () => {
  past.message({ at: NOW - 120 * DAY });
  const other = past.message({ at: NOW - 119 * DAY });
  past.message({ at: NOW });
  const [started] = all(
    `SELECT id FROM events WHERE event_type = 'agent.started' AND payload ->> '$.task_id' = ${other}`,
  );
  const refuses = (query: string) => expect(() => past.db.exec(query)).toThrow("an event cannot be deleted");
  refuses(`DELETE FROM events WHERE parent_id = ${started} AND event_type = 'agent.completed'`);
  const covering = (from: unknown, to: unknown) =>
    past.db
      .prepare("INSERT INTO events (event_type, payload) VALUES ('log.archived', ?)")
      .run(JSON.stringify({ ranges: [[from, to]] }));
  covering(1, started);
  refuses(`DELETE FROM events WHERE parent_id = ${started} AND event_type = 'agent.completed'`);
  refuses("DELETE FROM events WHERE id = 2");
  past.db.exec("BEGIN");
  covering(1, 1000);
  past.db.exec(`DELETE FROM events WHERE parent_id = ${started} AND event_type = 'agent.completed'`);
  refuses("DELETE FROM events WHERE id = 2");
});

test("a message's events are found by indexes, however long the log", () => {
  const plan = past.db.prepare(`EXPLAIN QUERY PLAN ${EVENTS_OF}`).all(1) as { detail: string }[];
  expect(plan.map(({ detail }) => detail).filter((detail) => /^SCAN (?!tree)|AUTOMATIC/.test(detail))).toEqual([]);
});
