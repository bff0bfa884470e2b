import type { Database } from "../../../shared/database.ts";
import { newestEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { utcDay } from "../../../shared/utc-day.ts";
import type { OutgoingMessage } from "../delivery/sender.ts";
import { isTold } from "./told.ts";

export interface UntoldBudget {
  /** Its `budget.noticed`. */
  readonly eventId: number;
  readonly message: OutgoingMessage;
}

/** The newest notice of what today's turns have cost, or null when there is none, or its `operator.told` is in the log. */
export function untoldBudget(db: Database, now: number): UntoldBudget | null {
  const notice = newestEvent(db, EventType.BudgetNoticed);
  if (!notice || notice.payload.day !== utcDay(now) || isTold(db, notice.id)) return null;
  const { percent, spent_usd: spent, budget_usd: budget } = notice.payload;
  const amounts = `$${spent.toFixed(2)} of $${budget.toFixed(2)}`;
  if (percent < 100) {
    return { eventId: notice.id, message: { text: `${percent} % of today's budget is used: ${amounts}.` } };
  }
  const text = `Today's budget is used up: ${amounts}, and what is left is too little for another answer.`;
  const buttons = [[{ text: "Add $1 for today", data: "budget:+1" }]];
  return { eventId: notice.id, message: { text: `${text} It begins anew at midnight UTC.`, buttons } };
}
