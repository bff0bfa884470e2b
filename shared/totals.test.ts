import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type TemporaryDatabase, temporaryDatabase } from "./temporary-database.ts";
import { addTotals, archivedTotals, NO_TOTALS, totalsOf } from "./totals.ts";

let temporary: TemporaryDatabase;
beforeEach(() => {
  temporary = temporaryDatabase();
});
afterEach(() => temporary.remove());

const completed = (model: string, cost_usd: number | null) => ({
  eventType: "turn.completed",
  payload: { model, latency_ms: 400, input_tokens: 100, cached_tokens: null, output_tokens: 20, cost_usd },
});
const failed = (model: string) => ({ eventType: "turn.failed", payload: { model, error_class: "timeout" } });

const one = totalsOf([completed("a", 0.5), failed("a"), { eventType: "agent.completed", payload: null }], ["done"]);
const other = totalsOf([completed("a", null), completed("b", 0.25)], ["done", "ignored"]);

test("parts add up to the whole, in any order", () => {
  const whole = {
    ...NO_TOTALS,
    events: { "turn.completed": 3, "turn.failed": 1, "agent.completed": 1 },
    messages: { done: 2, ignored: 1 },
    endings: { answered: 1 },
    models: {
      a: {
        ...{ completed: 2, failed: 1, input_tokens: 200, cached_tokens: 0, output_tokens: 40, cost_usd: 0.5 },
        ...{ errors: { timeout: 1 }, latency_ms: 800, latencies: { "0.5": 2 } },
      },
      b: {
        ...{ completed: 1, failed: 0, input_tokens: 100, cached_tokens: 0, output_tokens: 20, cost_usd: 0.25 },
        ...{ errors: {}, latency_ms: 400, latencies: { "0.5": 1 } },
      },
    },
  };
  expect(addTotals(one, other)).toEqual(whole);
  expect(addTotals(other, one)).toEqual(whole);
  expect(addTotals(NO_TOTALS, one)).toEqual(one);
});

test("what turns cost is the same sum however the log is cut: a counter never falls by a rounding", () => {
  const turns = Array.from({ length: 300 }, (_, at) =>
    completed("m", (at * 7919) % 1000 === 0 ? null : at * 0.0000375),
  );
  const whole = totalsOf(turns, []).models.m?.cost_usd;
  for (const size of [1, 7, 50, 299]) {
    const parts = Array.from({ length: Math.ceil(300 / size) }, (_, at) => turns.slice(at * size, (at + 1) * size));
    const sums = parts.map((part) => totalsOf(part, [])).reduce(addTotals, NO_TOTALS);
    expect(sums.models.m?.cost_usd).toBe(whole);
  }
});

test("what was archived is counted from the log, once", () => {
  const archived = (totals: object) =>
    Number(
      temporary.db
        .prepare("INSERT INTO events (event_type, payload) VALUES ('log.archived', ?)")
        .run(JSON.stringify({ totals })).lastInsertRowid,
    );
  expect(archivedTotals(temporary.db)).toEqual(NO_TOTALS);
  const first = archived(one);
  archived(other);
  expect(archivedTotals(temporary.db)).toEqual(addTotals(one, other));
  expect(archivedTotals(temporary.db, first)).toEqual(other);
});

const ended = (error: string, error_class: string) => ({ eventType: "agent.failed", payload: { error, error_class } });

test("a message ends once: not when it is tried again, goes on with another worker, or is given back", () => {
  const retried = { eventType: "retry.scheduled", payload: { error_class: "timeout" } };
  const events = [
    retried,
    ended("timed out", "timeout"),
    ended("worker 1 exited", "worker_exited"),
    ended("the worker was asked to stop", "stopped"),
    ended("Forbidden", "chat_parked"),
    ended("an older reply goes first", "not_its_turn"),
    { eventType: "agent.completed", payload: { task_id: 1 } },
    ended("timed out", "timeout"),
    ended("stopped", "stopped"),
    ended("set_aside", "set_aside"),
  ];
  const { endings, retries } = totalsOf(events, []);
  expect(endings).toEqual({ answered: 1, failed: 1, stopped: 1, set_aside: 1 });
  expect(retries).toEqual({ timeout: 1 });
});
