import { type Database, sql } from "./database.ts";
import { ownValue } from "./own-value.ts";
import { BOUNDED_PAYLOAD, readPayload } from "./stored-payload.ts";
import { createTally, type Tallied, toBillionths } from "./tally.ts";

/** What is counted over the whole log, also over what was archived: sums, so that parts can be added. */
export type Totals = {
  /** Events by type. */
  readonly events: Counts;
  /** Rows of the inbox by status. */
  readonly messages: Counts;
  /**
   * Messages and commands by how they ended: answered, failed, set_aside or stopped by a person. One that an operator
   * has tried anew ends once more.
   */
  readonly endings: Counts;
  /** What each model did. */
  readonly models: Readonly<Record<string, ModelTotals>>;
  /** Calls of each tool: completed and failed. */
  readonly tools: Readonly<Record<string, Counts>>;
  /** Messages that were to be tried again by themselves, by class of error. */
  readonly retries: Counts;
  /** Ends of workers by class. */
  readonly exits: Counts;
  /** Rollbacks: succeeded and failed. */
  readonly rollbacks: Counts;
  /** Events that were moved into archives. */
  readonly archivedEvents: number;
};

export type Counts = Readonly<Record<string, number>>;

export type ModelTotals = {
  /** Turns that were answered, and turns that failed. */
  readonly completed: number;
  readonly failed: number;
  readonly input_tokens: number;
  readonly cached_tokens: number;
  readonly output_tokens: number;
  readonly cost_usd: number;
  /** Of the turns that failed, by class. */
  readonly errors: Counts;
  /** Of the turns that were answered: in all, and how many by the smallest of LATENCY_BOUNDS that they kept to. */
  readonly latency_ms: number;
  readonly latencies: Counts;
};

export const NO_TOTALS: Totals = {
  events: {},
  messages: {},
  endings: {},
  models: {},
  tools: {},
  retries: {},
  exits: {},
  rollbacks: {},
  archivedEvents: 0,
};

/** The totals of these events, and of rows of the inbox with these statuses. */
export function totalsOf(events: readonly Tallied[], statuses: readonly string[]): Totals {
  const tally = createTally();
  for (const event of events) tally.count(event);
  for (const status of statuses) tally.countMessage(status);
  return tally.totals;
}

export function addTotals(one: Totals, other: Totals): Totals {
  return sum(one, other) as Totals; // of two numbers a number, of two records a record
}

/** The totals of all that was archived after an event, in the order of the log. */
export function archivedTotals(db: Database, afterId = 0): Totals {
  const query = `SELECT ${BOUNDED_PAYLOAD} FROM events WHERE event_type = 'log.archived' AND id > ? ORDER BY id`;
  const stored = sql(db, query).pluck().all(afterId) as (string | null)[];
  return stored
    .map((payload) => readPayload(payload)?.totals)
    .filter(isTotals)
    .reduce(addTotals, NO_TOTALS);
}

/** Whether it is of the form that `totalsOf` makes: others can write here, too. */
function isTotals(totals: unknown): totals is Totals {
  if (!isRecord(totals)) return false;
  const { models, tools, archivedEvents, ...counts } = totals;
  return (
    Number.isFinite(archivedEvents ?? 0) &&
    isRecord(models ?? {}) &&
    Object.values(models ?? {}).every(isModelTotals) &&
    isRecord(tools ?? {}) &&
    [...Object.values(tools ?? {}), ...Object.keys(NO_TOTALS).flatMap((name) => counts[name] ?? [])].every(isCounts)
  );
}

function isModelTotals(model: unknown): boolean {
  if (!isRecord(model)) return false;
  const { errors, latencies, ...sums } = model;
  return isCounts(errors) && isCounts(latencies) && isCounts(sums);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isCounts = (counts: unknown): counts is Counts =>
  isRecord(counts) && Object.values(counts).every(Number.isFinite);

type Nested = { readonly [name: string]: number | Nested };

function sum(one: Nested, other: Nested): Nested {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...names].map((name) => [name, plus(ownValue(one, name), ownValue(other, name))]));
}

function plus(one: number | Nested | undefined, other: number | Nested | undefined): number | Nested {
  if (typeof one === "object" || typeof other === "object") return sum(nested(one), nested(other));
  const all = (one ?? 0) + (other ?? 0);
  return Number.isInteger(all) ? all : toBillionths(all); // dollars alone have parts
}

function nested(part: number | Nested | undefined): Nested {
  return typeof part === "object" ? part : {};
}
