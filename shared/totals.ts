import { type Database, sql } from "./database.ts";

/** What is counted over the whole log, also over what was archived: sums, so that parts can be added. */
export interface Totals {
  /** Events by type. */
  readonly events: Readonly<Record<string, number>>;
  /** Rows of the inbox by status. */
  readonly messages: Readonly<Record<string, number>>;
  /** What each model did. */
  readonly models: Readonly<Record<string, ModelTotals>>;
}

export interface ModelTotals {
  /** Turns that were answered, and turns that failed. */
  readonly completed: number;
  readonly failed: number;
  readonly input_tokens: number;
  readonly cached_tokens: number;
  readonly output_tokens: number;
  readonly cost_usd: number;
}

export const NO_TOTALS: Totals = { events: {}, messages: {}, models: {} };

interface Counted {
  readonly eventType: string;
  readonly payload: Readonly<Record<string, unknown>> | null;
}

/** The totals of these events, and of rows of the inbox with these statuses. */
export function totalsOf(events: readonly Counted[], statuses: readonly string[]): Totals {
  const turns = events.filter(({ eventType }) => eventType === "turn.completed" || eventType === "turn.failed");
  return {
    events: countsOf(events.map(({ eventType }) => eventType)),
    messages: countsOf(statuses),
    models: turns.map(turnTotals).reduce((sum, turn) => mergeWith(plusModel, sum, turn), {}),
  };
}

export function addTotals(one: Totals, other: Totals): Totals {
  const plus = (a = 0, b = 0) => a + b;
  return {
    events: mergeWith(plus, one.events, other.events),
    messages: mergeWith(plus, one.messages, other.messages),
    models: mergeWith(plusModel, one.models, other.models),
  };
}

/** The totals of all that was archived after an event, in the order of the log. */
export function archivedTotals(db: Database, afterId = 0): Totals {
  const query = "SELECT payload -> '$.totals' FROM events WHERE event_type = 'log.archived' AND id > ? ORDER BY id";
  const stored = sql(db, query).pluck().all(afterId) as string[];
  return stored.map((totals) => JSON.parse(totals) as Totals).reduce(addTotals, NO_TOTALS);
}

function turnTotals({ eventType, payload }: Counted): Record<string, ModelTotals> {
  const number = (name: string) => Number(payload?.[name] ?? 0);
  const failed = eventType === "turn.failed" ? 1 : 0;
  return {
    [String(payload?.model)]: {
      completed: 1 - failed,
      failed,
      input_tokens: number("input_tokens"),
      cached_tokens: number("cached_tokens"),
      output_tokens: number("output_tokens"),
      cost_usd: number("cost_usd"),
    },
  };
}

const NO_TURNS: ModelTotals = {
  completed: 0,
  failed: 0,
  input_tokens: 0,
  cached_tokens: 0,
  output_tokens: 0,
  cost_usd: 0,
};

function plusModel(one = NO_TURNS, other = NO_TURNS): ModelTotals {
  return {
    completed: one.completed + other.completed,
    failed: one.failed + other.failed,
    input_tokens: one.input_tokens + other.input_tokens,
    cached_tokens: one.cached_tokens + other.cached_tokens,
    output_tokens: one.output_tokens + other.output_tokens,
    cost_usd: one.cost_usd + other.cost_usd,
  };
}

function countsOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function mergeWith<T>(
  plus: (one: T | undefined, other: T | undefined) => T,
  one: Readonly<Record<string, T>>,
  other: Readonly<Record<string, T>>,
): Record<string, T> {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...names].map((name) => [name, plus(one[name], other[name])]));
}
