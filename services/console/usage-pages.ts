import { Hono } from "hono";
import { newestEventId } from "../../shared/event-log.ts";
import { spentToday } from "../../shared/spending-log.ts";
import { readToolUsage } from "../../shared/tool-usage.ts";
import { readUsages } from "../../shared/usage.ts";
import { startOfUtcDay, utcDay } from "../../shared/utc-day.ts";
import { usagePage } from "./pages/usage/usage.ts";
import type { PageOf, StatePorts } from "./state-pages.ts";

const DAY_MS = 86_400_000;
const SPANS = [7, 30, 90, 365] as const;
const DEFAULT_SPAN = 30;

/** GET /usage?days=N: what the model did in so many days, today included (UTC). */
export function createUsagePages({ clock, dailyBudgetUsd }: StatePorts, page: PageOf): Hono {
  const app = new Hono();
  app.get(
    "/usage",
    page("/usage", "Usage", (db, c) => {
      const span = SPANS.find((days) => String(days) === c.req.query("days")) ?? DEFAULT_SPAN;
      const to = startOfUtcDay(clock.now()) + DAY_MS;
      const from = to - span * DAY_MS;
      const days = Array.from({ length: span }, (_, index) => utcDay(from + index * DAY_MS));
      const usage = readUsages(db, ["all", "day", "model", "day and model"], { from, to });
      const tools = readToolUsage(db, from);
      const spent = spentToday(db, clock.now());
      return usagePage({ spans: SPANS, span, days, usage, tools, spent, dailyBudgetUsd, after: newestEventId(db) });
    }),
  );
  return app;
}
