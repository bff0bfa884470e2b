import type { Database } from "../../../shared/database.ts";
import { newestEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { utcDay } from "../../../shared/utc-day.ts";
import type { OutgoingMessage } from "../delivery/sender.ts";
import { budgetNotice } from "./budget-notice.ts";
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
  const text = budgetNotice(notice.payload);
  const buttons = [[{ text: "Add $1 for today", data: `budget:${notice.id}` }]];
  return { eventId: notice.id, message: notice.payload.percent < 100 ? { text } : { text, buttons } };
}
