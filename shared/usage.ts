import type { Database } from "./database.ts";
import { type EndedTurns, readEndedTurns, type Time } from "./ended-turns.ts";
import { utcDay } from "./utc-day.ts";

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

/** The turns that ended in a time, by key in its order: days as they came, else the dearest first. */
export function readUsage(db: Database, by: UsageKey, time: Time): Usage[] {
  return readUsages(db, [by], time)[by];
}

/** The same by several keys at once: the log is read once. */
export function readUsages<By extends UsageGrouping>(
  db: Database,
  groupings: readonly By[],
  time: Time,
): Record<By, Usage[]> {
  const isAskedFor = (...keys: readonly UsageGrouping[]) => groupings.some((by) => keys.includes(by));
  const turns = readEndedTurns(db, time, {
    day: isAskedFor("day", "day and model"),
    model: isAskedFor("model", "day and model"),
    chat: isAskedFor("chat"),
  });
  const usages = groupings.map((by) => [by, inOrder(by, grouped(turns, by))]);
  return Object.fromEntries(usages) as Record<By, Usage[]>; // one entry for each grouping that was asked for
}

function grouped(turns: readonly EndedTurns[], by: UsageGrouping): Usage[] {
  const groups = Map.groupBy(turns, (row) => keyOf(row, by));
  return [...groups].map(([key, group]) => usageOf(key, group));
}

function inOrder(by: UsageGrouping, usage: Usage[]): Usage[] {
  return by === "day" || by === "day and model"
    ? usage.sort((one, other) => one.key.localeCompare(other.key))
    : usage.sort((one, other) => other.costUsd - one.costUsd || other.completed - one.completed);
}

function keyOf({ from, model, chatId }: EndedTurns, by: UsageGrouping): string {
  switch (by) {
    case "day":
      return utcDay(from);
    case "model":
      return String(model);
    case "chat":
      return String(chatId);
    case "day and model":
      return `${utcDay(from)} ${model}`;
    case "all":
      return "";
  }
}

function usageOf(key: string, group: readonly EndedTurns[]): Usage {
  const answered = group.filter(({ errorClass }) => errorClass === null);
  return {
    key,
    completed: sumOf(answered, ({ turns }) => turns),
    failed: sumOf(group, ({ errorClass, turns }) => (errorClass === null ? 0 : turns)),
    inputTokens: sumOf(group, ({ inputTokens }) => inputTokens),
    cachedTokens: sumOf(group, ({ cachedTokens }) => cachedTokens),
    outputTokens: sumOf(group, ({ outputTokens }) => outputTokens),
    costUsd: sumOf(group, ({ costUsd }) => costUsd),
    unpriced: sumOf(answered, ({ unpriced }) => unpriced),
    latencyMs: percentiles(answered.map(({ latencies }) => latencies)),
    errors: errorsOf(group),
  };
}

function sumOf(group: readonly EndedTurns[], amount: (row: EndedTurns) => number): number {
  return group.reduce((sum, row) => sum + amount(row), 0);
}

function errorsOf(group: readonly EndedTurns[]): Record<string, number> {
  const errors: Record<string, number> = {};
  for (const { errorClass, turns } of group) {
    if (errorClass !== null) errors[errorClass] = (errors[errorClass] ?? 0) + turns;
  }
  return errors;
}

function percentiles(parts: readonly (readonly number[])[]): Usage["latencyMs"] {
  const all = new Uint32Array(parts.reduce((length, part) => length + part.length, 0));
  let filled = 0;
  for (const part of parts) {
    all.set(part, filled);
    filled += part.length;
  }
  all.sort();
  const at = (share: number) => all[Math.min(Math.floor(all.length * share), all.length - 1)] ?? 0;
  return all.length === 0 ? null : { p50: at(0.5), p95: at(0.95) };
}
