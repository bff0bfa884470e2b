import { type Database, sql } from "./database.ts";
import { startOfUtcDay } from "./utc-day.ts";

/** By what turns are told apart, beside how they ended: the less, the sooner they are summed up. */
export interface Apart {
  readonly day: boolean;
  readonly model: boolean;
  readonly chat: boolean;
}

/** Turns that ended alike, of the same day, model and chat as far as these are told apart. Numbers are sums. */
export interface EndedTurns {
  /** Where their day (UTC) begins, or else the week in which they are summed up: Unix milliseconds. */
  readonly from: number;
  readonly model: string | null;
  readonly chatId: number | null;
  /** Null for turns that were answered. */
  readonly errorClass: string | null;
  readonly turns: number;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
  /** Turns without a known cost. */
  readonly unpriced: number;
  /** Of each turn, in whole milliseconds. */
  readonly latencies: readonly number[];
}

/** Unix milliseconds: from the first to before the last. */
export interface Time {
  readonly from: number;
  readonly to: number;
}

/**
 * The query behind `readEndedTurns`; a test looks at its plan. The inner one is told from the index alone, which holds
 * these very expressions; without its LIMIT, SQLite would read the events to group them. A chat's id is its attempt's,
 * so it is only then joined.
 */
export const ENDED_TURNS = ({ model, chat }: Omit<Apart, "day">) => `
  SELECT model, chatId, errorClass, count(*) AS turns, total(input) AS inputTokens, total(cached) AS cachedTokens,
         total(output) AS outputTokens, total(cost) AS costUsd, count(*) - count(cost) AS unpriced,
         '[' || coalesce(group_concat(latency), '') || ']' AS latencies
    FROM (SELECT ${model ? "substr(e.payload ->> '$.model', 1, 100)" : "NULL"} AS model,
                 ${chat ? "a.payload ->> '$.chat_id'" : "NULL"} AS chatId,
                 substr(e.payload ->> '$.error_class', 1, 100) AS errorClass, e.payload ->> '$.latency_ms' AS latency,
                 e.payload ->> '$.input_tokens' AS input, e.payload ->> '$.cached_tokens' AS cached,
                 e.payload ->> '$.output_tokens' AS output, e.payload ->> '$.cost_usd' AS cost
            FROM events e INDEXED BY ended_turns ${chat ? "JOIN events a ON a.id = e.parent_id" : ""}
           WHERE e.event_type = @type AND e.event_type IN ('turn.completed', 'turn.failed')
             AND e.timestamp >= @from AND e.timestamp < @to LIMIT -1)
   GROUP BY chatId, model, errorClass`;

type Row = Omit<EndedTurns, "from" | "latencies"> & { readonly latencies: string };

/** Summed up by SQLite, a day or a week at a time: as rows, a year of turns would be tens of megabytes. */
export function readEndedTurns(db: Database, time: Time, apart: Apart): EndedTurns[] {
  const ended = sql(db, ENDED_TURNS(apart));
  const parts = partsOf(time, apart.day ? DAY_MS : WEEK_MS);
  return ["turn.completed", "turn.failed"].flatMap((type) =>
    parts.flatMap(({ from, to }) =>
      (ended.all({ type, from, to }) as Row[]).map((row) => ({ ...row, from, latencies: latenciesIn(row.latencies) })),
    ),
  );
}

/** A list of numbers as SQLite joined them; what is none, of a row that somebody forged, is left out. */
function latenciesIn(list: string): number[] {
  try {
    return JSON.parse(list);
  } catch {
    return list.slice(1, -1).split(",").map(Number).filter(Number.isFinite);
  }
}

/** Each ends with a day (UTC). */
function partsOf({ from, to }: Time, lengthMs: number): Time[] {
  const parts: Time[] = [];
  for (let start = from; start < to; ) {
    const end = Math.min(startOfUtcDay(start) + lengthMs, to);
    parts.push({ from: start, to: end });
    start = end;
  }
  return parts;
}

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
