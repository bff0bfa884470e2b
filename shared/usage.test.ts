import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "./event-log.ts";
import { EventType } from "./event-types.ts";
import { type TemporaryDatabase, temporaryDatabase } from "./temporary-database.ts";
import { readUsage, readUsages } from "./usage.ts";

const DAY = 86_400_000;
const START = Date.UTC(2030, 0, 1);

let temporary: TemporaryDatabase;
let now: number;
beforeEach(() => {
  temporary = temporaryDatabase();
  now = START;
  temporary.db.function("unixepoch", (_subsec) => now / 1000); // events are dated by it
});
afterEach(() => temporary.remove());

interface Turn {
  readonly model?: string;
  readonly chat?: number;
  readonly latency?: number;
  readonly cost?: number | null;
  readonly error?: string;
}
function turn({ model = "m", chat = 7, latency = 100, cost = 0.5, error }: Turn = {}): void {
  const about = { chat_id: chat, task_id: 1, update_id: 1, process_id: 1, attempt: 1 };
  const attempt = logEvent(temporary.db, null, EventType.AgentStarted, about);
  if (error !== undefined) {
    const failed = { model, latency_ms: latency, error_class: error, error: "" };
    logEvent(temporary.db, attempt, EventType.TurnFailed, failed);
    return;
  }
  logEvent(temporary.db, attempt, EventType.TurnCompleted, {
    model,
    latency_ms: latency,
    input_tokens: 100,
    cached_tokens: 40,
    output_tokens: 10,
    finish_reason: "stop",
    cost_usd: cost,
  });
}
const allOf = { from: START, to: START + 100 * DAY };

test("days are told as they came, with what each cost, and how long turns took", () => {
  for (let number = 1; number <= 100; number += 1) turn({ latency: number });
  now += DAY;
  turn({ error: "timeout" });
  turn({ cost: null });
  expect(readUsage(temporary.db, "day", allOf)).toEqual([
    {
      key: "2030-01-01",
      completed: 100,
      failed: 0,
      inputTokens: 10_000,
      cachedTokens: 4_000,
      outputTokens: 1_000,
      costUsd: 50,
      unpriced: 0,
      latencyMs: { p50: 51, p95: 96 },
      errors: {},
    },
    expect.objectContaining({ key: "2030-01-02", completed: 1, failed: 1, unpriced: 1, errors: { timeout: 1 } }),
  ]);
});

test("only the time that is asked for counts", () => {
  turn();
  now += DAY;
  turn();
  now += DAY;
  turn();
  const middle = readUsage(temporary.db, "day", { from: START + DAY, to: START + 2 * DAY });
  expect(middle.map(({ key }) => key)).toEqual(["2030-01-02"]);
});

test("time that ends within a day, or within a week that is summed up at once, ends there", () => {
  turn();
  now += DAY / 2;
  turn();
  now += DAY;
  turn();
  const counted = (by: "day" | "model", to: number) =>
    readUsage(temporary.db, by, { from: START, to }).reduce((sum, { completed }) => sum + completed, 0);
  expect([counted("day", START + DAY / 2), counted("day", now)]).toEqual([1, 2]);
  expect([counted("model", START + DAY / 2), counted("model", now)]).toEqual([1, 2]);
});

test("models and chats are told the dearest first", () => {
  turn({ model: "small", chat: 1, cost: 0.1 });
  turn({ model: "large", chat: 2, cost: 0.9 });
  turn({ model: "small", chat: 2, cost: 0.1 });
  const keys = (by: "model" | "chat") =>
    readUsage(temporary.db, by, allOf).map(({ key, costUsd }) => [key, Math.round(costUsd * 10) / 10]);
  expect(keys("model")).toEqual([
    ["large", 0.9],
    ["small", 0.2],
  ]);
  expect(keys("chat")).toEqual([
    ["2", 1],
    ["1", 0.1],
  ]);
});

test("nothing is no usage", () => {
  expect(readUsage(temporary.db, "day", allOf)).toEqual([]);
});

test("several groupings are read at once, and agree", () => {
  turn({ model: "small", cost: 0.1 });
  now += DAY;
  turn({ model: "large", cost: 0.9 });
  turn({ model: "small", error: "timeout" });
  const usages = readUsages(temporary.db, ["all", "day", "day and model"], allOf);
  expect(usages.day).toEqual(readUsage(temporary.db, "day", allOf));
  expect(usages.all).toMatchObject([{ key: "", completed: 2, failed: 1, costUsd: 1 }]);
  expect(usages["day and model"].map(({ key, completed, failed }) => [key, completed, failed])).toEqual([
    ["2030-01-01 small", 1, 0],
    ["2030-01-02 large", 1, 0],
    ["2030-01-02 small", 0, 1],
  ]);
});
