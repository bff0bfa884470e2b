import { EventType } from "../../shared/event-types.ts";
import { utcDay } from "../../shared/utc-day.ts";
import { type Planned, plan } from "./planned.ts";
import type { WorkerLife } from "./worker-lives.ts";

/** Of a budget that a busy day exceeds. */
const USD_PER_EVENT = 0.33e-6;

/** The notices of a day's spending, share by share, as its turns end. */
export function createBudgetNotices(eventsInYear: number) {
  const budget_usd = Math.max(Math.round(eventsInYear * USD_PER_EVENT * 100) / 100, 0.01);
  let day = "";
  let spent_usd = 0;
  let noticed = 0;
  return (events: readonly Planned[], lives: readonly WorkerLife[]): Planned[] => {
    const notices: Planned[] = [];
    for (const { at, type, payload } of events) {
      if (type !== EventType.TurnCompleted) continue;
      if (utcDay(at) !== day) [day, spent_usd, noticed] = [utcDay(at), 0, 0];
      spent_usd += (payload() as { cost_usd: number }).cost_usd;
      const percent = ([100, 80, 50] as const).find((share) => spent_usd >= (budget_usd * share) / 100) ?? 0;
      if (percent === 0 || percent <= noticed) continue;
      noticed = percent;
      const process = lives.findLast(({ readyAt }) => readyAt < at)?.process ?? null;
      notices.push(plan(at + 1, EventType.BudgetNoticed, process, { day, percent, spent_usd, budget_usd }));
    }
    return notices;
  };
}
