import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent, newestEvents } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { createFakeClock, type FakeClock } from "../../../shared/fake-clock.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { createBudgetWatch, createSpending, requirePrices } from "./daily-budget.ts";

let temporary: TemporaryDatabase;
let clock: FakeClock;
beforeEach(() => {
  temporary = temporaryDatabase();
  clock = createFakeClock(Date.now());
});
afterEach(() => temporary.remove());

/** A dollar for a million tokens, whatever they are. */
const prices = { version: "1", usd_per_million_tokens: { m: { input: 1, cached_input: 1, output: 1 } } };
const MILLION = { inputTokens: 1_000_000, outputTokens: 0 };
const spending = (dailyBudgetUsd: number | null = 2, processId = 0) =>
  createSpending({ db: temporary.db, clock }, { prices, dailyBudgetUsd }, processId);
const today = () => new Date(clock.now()).toISOString().slice(0, 10);

function beginAttempt(): number {
  const about = { chat_id: 1, task_id: 1, update_id: 1, process_id: 1, attempt: 1 };
  return logEvent(temporary.db, null, EventType.AgentStarted, about);
}
const beginTurn = (attempt: number, reserved_usd: number) =>
  logEvent(temporary.db, attempt, EventType.TurnStarted, { model: "m", turn: 1, reserved_usd });
const TURN = {
  model: "m",
  latency_ms: 1,
  input_tokens: 1,
  cached_tokens: null,
  output_tokens: 1,
  finish_reason: "stop",
};
const endTurn = (attempt: number, cost_usd: number | null) =>
  logEvent(temporary.db, attempt, EventType.TurnCompleted, { ...TURN, cost_usd });
const failTurn = (attempt: number, cost_usd: number) =>
  logEvent(temporary.db, attempt, EventType.TurnFailed, {
    model: "m",
    latency_ms: 1,
    error_class: "timeout",
    error: "",
    cost_usd,
  });

test("what running turns reserve is held until their end says what they cost", () => {
  const budget = spending();
  const attempt = beginAttempt();
  beginTurn(attempt, 1.5);
  expect(budget.reserve("m", MILLION)).toEqual({ kind: "held" });
  endTurn(attempt, 0.25);
  expect(budget.reserve("m", MILLION)).toEqual({ kind: "reserved", usd: 1 });
});

test("a turn that may cost exactly what is left is not refused", () => {
  expect(spending(1).reserve("m", MILLION)).toEqual({ kind: "reserved", usd: 1 });
  expect(spending(0.99).reserve("m", MILLION)).toEqual({ kind: "exhausted", budgetUsd: 0.99, spentUsd: 0 });
});

test("a turn that would not fit if the running ones cost nothing is not held, but refused", () => {
  const budget = spending();
  const attempt = beginAttempt();
  beginTurn(attempt, 1.25);
  endTurn(attempt, 1.25);
  beginTurn(attempt, 0.5);
  expect(budget.reserve("m", MILLION)).toEqual({ kind: "exhausted", budgetUsd: 2, spentUsd: 1.25 });
});

test("a turn that never ended, or that nobody counted, costs what it reserved", () => {
  beginTurn(beginAttempt(), 0.75); // its worker died
  const uncounted = beginAttempt();
  beginTurn(uncounted, 0.5);
  endTurn(uncounted, null);
  const successor = beginAttempt();
  expect(spending(2, successor).reserve("m", MILLION)).toMatchObject({ kind: "exhausted", spentUsd: 1.25 });
});

test("a turn that surely cost nothing costs nothing", () => {
  const attempt = beginAttempt();
  beginTurn(attempt, 1.5);
  failTurn(attempt, 0);
  expect(spending().reserve("m", MILLION)).toEqual({ kind: "reserved", usd: 1 });
});

test("a new worker knows what was spent today, and a new day begins at nothing", () => {
  const attempt = beginAttempt();
  beginTurn(attempt, 1);
  endTurn(attempt, 1.5);
  const budget = spending();
  expect(budget.reserve("m", MILLION)).toMatchObject({ kind: "exhausted" });
  clock.advance(24 * 60 * 60 * 1000);
  expect(budget.reserve("m", MILLION)).toMatchObject({ kind: "reserved" });
});

test("a dollar that the owner adds is there at once, for this day", () => {
  const budget = spending(1);
  const attempt = beginAttempt();
  beginTurn(attempt, 0.5);
  endTurn(attempt, 0.5);
  expect(budget.reserve("m", MILLION)).toMatchObject({ kind: "exhausted", budgetUsd: 1 });
  logEvent(temporary.db, null, EventType.BudgetRaised, { day: today(), usd: 1, chat_id: 1 });
  expect(budget.reserve("m", MILLION)).toEqual({ kind: "reserved", usd: 1 });
});

test("without a budget nothing is refused, and turns have their price", () => {
  const free = spending(null);
  expect(free.reserve("m", MILLION)).toEqual({ kind: "reserved", usd: 1 });
  expect(free.reserve("unknown", MILLION)).toEqual({ kind: "reserved", usd: null });
  expect(free.cost("m", { inputTokens: 500_000, cachedTokens: null, outputTokens: 0 })).toBe(0.5);
  expect(free.cost("unknown", { inputTokens: 5, cachedTokens: null, outputTokens: 0 })).toBeNull();
});

test("a budget wants the price of every model", () => {
  expect(() => requirePrices(["m", "x", "y"], { prices, dailyBudgetUsd: 1 })).toThrow(/price of x.*price of y/s);
  expect(() => requirePrices(["x"], { prices, dailyBudgetUsd: null })).not.toThrow();
});

test("each share of the budget is noticed once a day, and anew after it was raised", () => {
  const look = createBudgetWatch(temporary.db, beginAttempt(), 2);
  const noticed = () => newestEvents(temporary.db, EventType.BudgetNoticed, 10).map(({ payload }) => payload.percent);
  const spend = (usd: number) => {
    const attempt = beginAttempt();
    beginTurn(attempt, usd);
    endTurn(attempt, usd);
    look(clock.now());
    look(clock.now());
  };
  spend(0.5);
  expect(noticed()).toEqual([]);
  spend(0.75);
  spend(0.75);
  expect(noticed()).toEqual([100, 50]);
  logEvent(temporary.db, null, EventType.BudgetRaised, { day: today(), usd: 1, chat_id: 1 });
  spend(0.5);
  expect(noticed()).toEqual([80, 100, 50]);
});

test("no share is noticed for what running turns have reserved: most of it will not be spent", () => {
  const watch = createBudgetWatch(temporary.db, 0, 2);
  beginTurn(beginAttempt(), 2);
  watch(clock.now());
  expect(newestEvents(temporary.db, EventType.BudgetNoticed, 1)).toEqual([]);
});

test("what is left may be too little for any turn: then the budget is used up, until it is raised", () => {
  const watch = createBudgetWatch(temporary.db, beginAttempt(), 2);
  const noticed = () => newestEvents(temporary.db, EventType.BudgetNoticed, 10).map(({ payload }) => payload.percent);
  const attempt = beginAttempt();
  beginTurn(attempt, 1.9);
  endTurn(attempt, 1.9);
  watch(clock.now());
  logEvent(temporary.db, attempt, EventType.LimitReached, { limit: "turns", allowed: 8, used: 8 });
  watch(clock.now());
  expect(noticed()).toEqual([80]);
  logEvent(temporary.db, attempt, EventType.LimitReached, { limit: "budget_usd", allowed: 2, used: 1.9 });
  watch(clock.now());
  watch(clock.now());
  expect(noticed()).toEqual([100, 80]);
  logEvent(temporary.db, attempt, EventType.BudgetRaised, { day: today(), usd: 1, chat_id: 7 });
  watch(clock.now());
  expect(noticed()).toEqual([50, 100, 80]);
});
