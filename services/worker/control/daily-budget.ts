import type { Clock } from "../../../shared/clock.ts";
import { type Database, sql } from "../../../shared/database.ts";
import { logEvent, newestEvents } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { SetupError } from "../../../shared/setup-error.ts";
import { createSpendingLog, type SpentToday } from "../../../shared/spending-log.ts";
import { roomFor, shareReached } from "./budget.ts";
import { costUsd, type PriceList, priceOf } from "./prices.ts";
import type { Spending } from "./spending.ts";

export interface BudgetSettings {
  readonly prices: PriceList;
  /** DAILY_BUDGET_USD; null: turns are priced, and never refused. */
  readonly dailyBudgetUsd: number | null;
}

/** Throws a SetupError when there is a budget, and a model whose price is not known: nothing could be held to it. */
export function requirePrices(models: readonly string[], { prices, dailyBudgetUsd }: BudgetSettings): void {
  if (dailyBudgetUsd === null) return;
  const problems = models
    .filter((model) => priceOf(model, prices) === null)
    .map((model) => `DAILY_BUDGET_USD is set, and no price of ${model} is known. Give one in MODEL_PRICES_FILE.`);
  if (problems.length > 0) throw new SetupError(problems);
}

/**
 * The Spending port over the log: a hard cap on each day's turns, what is reserved for running ones included.
 *
 * @param processId this worker's `process.started`
 */
export function createSpending(
  { db, clock }: { readonly db: Database; readonly clock: Clock },
  { prices, dailyBudgetUsd }: BudgetSettings,
  processId: number,
): Spending {
  const log = createSpendingLog(db, processId);
  return {
    reserve(model, { inputTokens, outputTokens }) {
      const price = priceOf(model, prices);
      const usd = price && costUsd(price, { inputTokens, cachedTokens: 0, outputTokens });
      if (dailyBudgetUsd === null) return { kind: "reserved", usd };
      const spent = log.spentToday(clock.now());
      const room = roomFor(spent, dailyBudgetUsd, usd ?? 0);
      if (room === "free") return { kind: "reserved", usd };
      if (room === "held") return { kind: "held" };
      return { kind: "exhausted", budgetUsd: dailyBudgetUsd + spent.raisedUsd, spentUsd: spent.settledUsd };
    },
    cost(model, counted) {
      const price = priceOf(model, prices);
      return price && costUsd(price, counted);
    },
  };
}

/**
 * Records, under this worker's `process.started`, that a share of the day's budget is reached: each share once a day,
 * and again after the budget was raised. To be called now and then.
 */
export function createBudgetWatch(db: Database, processId: number, dailyBudgetUsd: number) {
  const log = createSpendingLog(db, processId);
  return (now: number): void => {
    const spent = log.spentToday(now);
    const percent = shareReached(spent, dailyBudgetUsd);
    if (percent === null || noticedShare(db, spent) >= percent) return;
    const budget_usd = dailyBudgetUsd + spent.raisedUsd;
    const payload = { day: spent.day, percent, spent_usd: spent.settledUsd, budget_usd };
    logEvent(db, processId, EventType.BudgetNoticed, payload);
  };
}

/** The highest share that was noticed today, since the budget was raised. */
function noticedShare(db: Database, { day }: SpentToday): number {
  const newest = newestEvents(db, EventType.BudgetNoticed, 1)[0];
  if (newest?.payload.day !== day) return 0;
  const raisedSince = sql(db, "SELECT 1 FROM events WHERE event_type = 'budget.raised' AND id > ?").get(newest.id);
  return raisedSince === undefined ? newest.payload.percent : 0;
}
