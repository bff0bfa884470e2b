import { type Database, sql } from "./database.ts";
import { startOfUtcDay, utcDay } from "./utc-day.ts";

/** What the model did over a time, by one of these. */
export const USAGE_KEYS = ["day", "model", "chat"] as const;
export type UsageKey = (typeof USAGE_KEYS)[number];

/** "day and model": as "2026-01-31 gpt-5". "all": one row, with an empty key. */
export type UsageGrouping = UsageKey | "day and model" | "all";

export interface Usage {
  /** A day in UTC as 2026-01-31, a model's name, or a chat's id. */
  readonly key: string;
  /** Turns that were answered, and turns that failed. */
  readonly completed: number;
  readonly failed: number;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
  /** Turns whose cost is not known: the model has no price, or the provider did not count. */
  readonly unpriced: number;
  readonly latencyMs: { readonly p50: number; readonly p95: number } | null;
  /** How often turns failed, by class. */
  readonly errors: Readonly<Record<string, number>>;
}

/** Milliseconds for the first two; the rest as the events have it. */
type Row = [
  timestamp: number,
  model: string,
  chatId: number | null,
  latencyMs: number,
  input: number | null,
  cached: number | null,
  output: number | null,
  costUsd: number | null,
  error: string | null,
];

// From the index alone, which holds these very expressions. A chat's id is its attempt's, so it is only then joined.
export const ENDED_TURNS = (withChat: boolean) => `
  SELECT e.timestamp, e.payload ->> '$.model', ${withChat ? "a.payload ->> '$.chat_id'" : "NULL"},
         e.payload ->> '$.latency_ms', e.payload ->> '$.input_tokens', e.payload ->> '$.cached_tokens',
         e.payload ->> '$.output_tokens', e.payload ->> '$.cost_usd', e.payload ->> '$.error_class'
    FROM events e INDEXED BY ended_turns ${withChat ? "JOIN events a ON a.id = e.parent_id" : ""}
   WHERE e.event_type = ? AND e.event_type IN ('turn.completed', 'turn.failed') AND e.timestamp >= ? AND e.timestamp < ?`;

/** Unix milliseconds: from the first to before the last. */
interface Time {
  readonly from: number;
  readonly to: number;
}

/** The turns that ended in [from, to), by key in its order: days as they came, else the dearest first. */
export function readUsage(db: Database, by: UsageKey, time: Time): Usage[] {
  return readUsages(db, [by], time)[by];
}

/** The same by several keys at once: the log is read once, a week at a time, so that a year takes no more memory. */
export function readUsages<By extends UsageGrouping>(
  db: Database,
  groupings: readonly By[],
  { from, to }: Time,
): Record<By, Usage[]> {
  const cells = new Map<string, Cell>();
  const apart = partsOf(groupings);
  const ended = sql(db, ENDED_TURNS(apart.chat)).raw();
  for (const type of ["turn.completed", "turn.failed"]) {
    for (let start = from; start < to; start += WEEK_MS) {
      const rows = ended.all(type, start, Math.min(start + WEEK_MS, to)) as Row[];
      for (const row of rows) count(cellOf(cells, apart, row).tally, row, type === "turn.failed");
    }
  }
  const usages = groupings.map((by) => [by, inOrder(by, grouped([...cells.values()], by))]);
  return Object.fromEntries(usages) as Record<By, Usage[]>; // one entry for each grouping that was asked for
}

const WEEK_MS = 7 * 86_400_000;

/** By what turns have to be told apart. */
interface Parts {
  readonly day: boolean;
  readonly model: boolean;
  readonly chat: boolean;
}

function partsOf(groupings: readonly UsageGrouping[]): Parts {
  const isAskedFor = (...any: UsageGrouping[]) => groupings.some((by) => any.includes(by));
  return {
    day: isAskedFor("day", "day and model"),
    model: isAskedFor("model", "day and model"),
    chat: isAskedFor("chat"),
  };
}

/** What the turns of a day, a model and a chat came to, as far as these matter: sums of them are every grouping. */
interface Cell {
  readonly day: number;
  readonly model: string;
  readonly chatId: number | null;
  readonly tally: Tally;
}

function cellOf(cells: Map<string, Cell>, apart: Parts, [timestamp, ofModel, ofChat]: Row): Cell {
  const day = apart.day ? startOfUtcDay(timestamp) : 0;
  const model = apart.model ? ofModel : "";
  const chatId = apart.chat ? ofChat : null;
  const key = `${day} ${chatId} ${model}`;
  const known = cells.get(key);
  if (known) return known;
  const cell = { day, model, chatId, tally: newTally() };
  cells.set(key, cell);
  return cell;
}

function grouped(cells: readonly Cell[], by: UsageGrouping): Usage[] {
  const groups = Map.groupBy(cells, (cell) => keyOf(cell, by));
  return [...groups].map(([key, group]) => toUsage(key, sumOf(group.map(({ tally }) => tally))));
}

function sumOf(tallies: readonly Tally[]): Tally {
  const sum = { ...newTally(), latencies: tallies.flatMap(({ latencies }) => latencies) };
  for (const { latencies: _, errors, ...numbers } of tallies) {
    for (const name of Object.keys(numbers) as (keyof typeof numbers)[]) sum[name] += numbers[name];
    for (const [name, times] of Object.entries(errors)) sum.errors[name] = (sum.errors[name] ?? 0) + times;
  }
  return sum;
}

function inOrder(by: UsageGrouping, usage: Usage[]): Usage[] {
  return by === "day" || by === "day and model"
    ? usage.sort((one, other) => one.key.localeCompare(other.key))
    : usage.sort((one, other) => other.costUsd - one.costUsd || other.completed - one.completed);
}

type Tally = { -readonly [Field in keyof Omit<Usage, "key" | "latencyMs" | "errors">]: number } & {
  readonly latencies: number[];
  readonly errors: Record<string, number>;
};

function newTally(): Tally {
  const none = { completed: 0, failed: 0, inputTokens: 0, cachedTokens: 0, outputTokens: 0, costUsd: 0, unpriced: 0 };
  return { ...none, latencies: [], errors: {} };
}

function keyOf({ day, model, chatId }: Cell, by: UsageGrouping): string {
  switch (by) {
    case "day":
      return utcDay(day);
    case "model":
      return model;
    case "chat":
      return String(chatId);
    case "day and model":
      return `${utcDay(day)} ${model}`;
    case "all":
      return "";
  }
}

function count(tally: Tally, [, , , latencyMs, input, cached, output, costUsd, error]: Row, hasFailed: boolean): void {
  tally.inputTokens += input ?? 0;
  tally.cachedTokens += cached ?? 0;
  tally.outputTokens += output ?? 0;
  tally.costUsd += costUsd ?? 0;
  if (hasFailed) {
    tally.failed += 1;
    tally.errors[error ?? "unknown"] = (tally.errors[error ?? "unknown"] ?? 0) + 1;
    return;
  }
  tally.completed += 1;
  tally.latencies.push(latencyMs);
  if (costUsd === null) tally.unpriced += 1;
}

function toUsage(key: string, { latencies, ...tally }: Tally): Usage {
  const sorted = Uint32Array.from(latencies).sort(); // whole milliseconds, in half the time of floats
  const at = (share: number) => sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? 0;
  return { key, ...tally, latencyMs: sorted.length === 0 ? null : { p50: at(0.5), p95: at(0.95) } };
}
