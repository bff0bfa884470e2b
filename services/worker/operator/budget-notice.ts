import type { EventPayloads } from "../../../shared/event-types.ts";

/** What the owner is told of the day's budget. */
export function budgetNotice(notice: EventPayloads["budget.noticed"]): string {
  const amounts = `$${notice.spent_usd.toFixed(2)} of $${notice.budget_usd.toFixed(2)}`;
  if (notice.percent < 100) return `${notice.percent} % of today's budget is used: ${amounts}.`;
  const text = `Today's budget is used up: ${amounts}, and what is left is too little for another answer.`;
  return `${text} It begins anew at midnight UTC.`;
}
