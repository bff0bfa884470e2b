/** The day's spending as the log has it: what turns cost, and what those that have not ended may still cost. */
export interface SpentToday {
  /** A calendar day in UTC, as 2026-01-31. */
  readonly day: string;
  readonly settledUsd: number;
  readonly reservedUsd: number;
  /** What the owner has added to the day's budget. */
  readonly raisedUsd: number;
  /** A turn that would not have fitted was refused, after the last raise. */
  readonly refused: boolean;
}

export const SHARES_TO_NOTICE = [50, 80, 100] as const;
export type NoticedShare = (typeof SHARES_TO_NOTICE)[number];

export function spentUsd({ settledUsd, reservedUsd }: SpentToday): number {
  return settledUsd + reservedUsd;
}

/** Whether a turn that may cost so much at worst fits in what is left. */
export function fitsBudget(spent: SpentToday, dailyBudgetUsd: number, worstUsd: number): boolean {
  return spentUsd(spent) + worstUsd <= dailyBudgetUsd + spent.raisedUsd;
}

/** The highest share of the day's budget that is reached, or null below the first. What refuses a turn is used up. */
export function shareReached(spent: SpentToday, dailyBudgetUsd: number): NoticedShare | null {
  if (spent.refused) return 100;
  const share = (100 * spentUsd(spent)) / (dailyBudgetUsd + spent.raisedUsd);
  return SHARES_TO_NOTICE.findLast((percent) => share >= percent) ?? null;
}
