import type { SpentToday } from "../../../shared/spending-log.ts";

export const SHARES_TO_NOTICE = [50, 80, 100] as const;
export type NoticedShare = (typeof SHARES_TO_NOTICE)[number];

/**
 * Whether a turn that may cost so much at worst has room in what is left: `held` when it has none only because of what
 * turns under way may cost, of which little may be left once they have ended.
 */
export function roomFor(spent: SpentToday, dailyBudgetUsd: number, worstUsd: number): "free" | "held" | "none" {
  const leftUsd = dailyBudgetUsd + spent.raisedUsd - spent.settledUsd;
  if (worstUsd > leftUsd) return "none";
  return worstUsd <= leftUsd - spent.reservedUsd ? "free" : "held";
}

/** The highest share of the day's budget that is spent, or null below the first. What refuses a turn is used up. */
export function shareReached(spent: SpentToday, dailyBudgetUsd: number): NoticedShare | null {
  if (spent.refused) return 100;
  const share = (100 * spent.settledUsd) / (dailyBudgetUsd + spent.raisedUsd);
  return SHARES_TO_NOTICE.findLast((percent) => share >= percent) ?? null;
}
