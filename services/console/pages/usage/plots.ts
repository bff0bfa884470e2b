import { html } from "hono/html";
import type { Usage } from "../../../../shared/usage.ts";
import { dollars } from "../amounts.ts";
import type { Html } from "../layout.ts";
import type { UsageReport } from "./usage.ts";

/** What draw-plots.js draws. Bars are stacked, lines are not; `values` go with `days`, null where there is none. */
interface Plot {
  readonly days: readonly string[];
  readonly unit: "$" | "s" | "";
  readonly bars: readonly Series[];
  readonly lines: readonly Series[];
}

interface Series {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

/** Cost and tokens per day by model, and the latency of the days. */
export function plots(report: UsageReport): Html {
  const { days, usage, dailyBudgetUsd } = report;
  const byDay = new Map(usage.day.map((row) => [row.key, row]));
  const byDayAndModel = new Map(usage["day and model"].map((row) => [row.key, row]));
  const perModel = (amount: (row: Usage) => number) =>
    usage.model.map(({ key: model }) => ({
      name: model,
      values: days.map((day) => amountIn(byDayAndModel.get(`${day} ${model}`), amount) ?? 0),
    }));
  const latency = (name: "p50" | "p95") => ({
    name,
    values: days.map((day) => amountIn(byDay.get(day), ({ latencyMs }) => (latencyMs ? latencyMs[name] / 1000 : null))),
  });
  const budget =
    dailyBudgetUsd === null
      ? []
      : [{ name: `budget ${dollars(dailyBudgetUsd)}`, values: days.map(() => dailyBudgetUsd) }];
  return html`<div class="plots">
    ${figure("Cost per day", { days, unit: "$", bars: perModel(({ costUsd }) => costUsd), lines: budget })}
    ${figure("Tokens per day", {
      days,
      unit: "",
      bars: perModel(({ inputTokens, outputTokens }) => inputTokens + outputTokens),
      lines: [],
    })}
    ${figure("Latency of turns", { days, unit: "s", bars: [], lines: [latency("p50"), latency("p95")] })}
  </div>`;
}

function amountIn(row: Usage | undefined, amount: (row: Usage) => number | null): number | null {
  return row ? amount(row) : null;
}

/** The tables below tell the same, so it is a picture to who cannot see it. */
function figure(name: string, plot: Plot): Html {
  return html`<figure><figcaption>${name}</figcaption>
    <div class="plot" role="img" aria-label="${name}: the numbers are in the tables below" data-drawn
      data-plot="${JSON.stringify(plot)}"></div></figure>`;
}
