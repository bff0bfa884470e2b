import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Database } from "../../shared/database.ts";
import { goodRevisions, wantedRevision } from "../../shared/state.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../shared/temporary-database.ts";
import { newestWorker } from "../../shared/worker-state.ts";
import { seedYear } from "./seed.ts";

const NOW = Date.UTC(2026, 0, 31);

let one: TemporaryDatabase;
let other: TemporaryDatabase;
beforeEach(() => {
  one = temporaryDatabase();
  other = temporaryDatabase();
});
afterEach(() => {
  one.remove();
  other.remove();
});

const rowsOf = (db: Database) =>
  ["events", "inbox", "history"].map((table) => db.prepare(`SELECT * FROM ${table} ORDER BY id`).raw().all());
const numberOf = (query: string) => Number(one.db.prepare(query).pluck().get());

test("the same seed makes the same year", () => {
  seedYear(one.db, { events: 8000, seed: 7, now: NOW });
  seedYear(other.db, { events: 8000, seed: 7, now: NOW });
  expect(rowsOf(one.db)).toEqual(rowsOf(other.db));
});

test("a year ends now, with a worker that runs, and its moments grow with the ids", () => {
  const made = seedYear(one.db, { events: 8000, seed: 1, now: NOW });
  expect(numberOf("SELECT count(*) FROM events")).toBeGreaterThanOrEqual(8000);
  expect(made.events).toBeGreaterThanOrEqual(8000);
  expect(newestWorker(one.db)).toMatchObject({ exited: false, imageId: wantedRevision(one.db)?.imageId });
  expect(goodRevisions(one.db, 9).length).toBeGreaterThan(3);
  expect(
    numberOf("SELECT count(*) FROM events a JOIN events b ON b.id = a.id + 1 WHERE b.timestamp < a.timestamp"),
  ).toBe(0);
  expect(numberOf(`SELECT max(timestamp) FROM events`)).toBeLessThan(NOW);
});

test("every attempt has ended once, and every message as its row says", () => {
  seedYear(one.db, { events: 20_000, seed: 2, now: NOW });
  const ends = `(SELECT count(*) FROM events e WHERE e.parent_id = a.id
                    AND e.event_type IN ('agent.completed', 'agent.failed'))`;
  expect(numberOf(`SELECT count(*) FROM events a WHERE a.event_type = 'agent.started' AND ${ends} <> 1`)).toBe(0);
  expect(numberOf("SELECT count(*) FROM inbox WHERE status = 'done'")).toBe(
    numberOf("SELECT count(*) FROM events WHERE event_type = 'agent.completed'"),
  );
  expect(numberOf("SELECT count(*) FROM inbox WHERE status = 'set_aside'")).toBe(
    numberOf("SELECT count(*) FROM events WHERE event_type = 'message.set_aside'"),
  );
});
