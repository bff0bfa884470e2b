import { html } from "hono/html";
import type { SpentToday } from "../../../../shared/spending-log.ts";
import type { ToolUsage } from "../../../../shared/tool-usage.ts";
import type { Usage } from "../../../../shared/usage.ts";
import { count, dollars, duration } from "../amounts.ts";
import type { Html } from "../layout.ts";
import { statePage } from "../state-page.ts";
import { plots } from "./plots.ts";
import { table } from "./tables.ts";

export interface UsageReport {
  /** In days: what can be chosen, and what is. */
  readonly spans: readonly number[];
  readonly span: number;
  /** Every day of the time, as 2026-01-31, oldest first. */
  readonly days: readonly string[];
  readonly usage: Readonly<Record<"all" | "day" | "model" | "day and model", readonly Usage[]>>;
  readonly tools: readonly ToolUsage[];
  readonly spent: SpentToday;
  readonly dailyBudgetUsd: number | null;
  readonly after: number;
}

export function usagePage(report: UsageReport): Html {
  const { spans, span, usage, after } = report;
  const all = usage.all[0];
  return statePage({
    title: "Usage",
    place: "/usage",
    after,
    styles: ["uplot/dist/uPlot.min.css", "usage/usage.css"],
    head: html`<script type="module" src="/assets/usage/draw-plots.js"></script>`,
    content: html`<nav class="filter" aria-label="Time">${spans.map(
      (days) => html`<a href="/usage?days=${days}"${days === span ? html` aria-current="page"` : ""}>${days} days</a>`,
    )}</nav>
    ${all ? content(report, all) : html`<p class="nothing">The model was not asked in this time.</p>`}`,
  });
}

function content(report: UsageReport, all: Usage): Html {
  const { usage, tools } = report;
  return html`${sums(report, all)}${plots(report)}
    <h2>By model</h2>${table("Model", usage.model)}
    <h2>By day</h2>${table("Day (UTC)", usage.day.toReversed())}
    <details><summary>By day and model</summary>${table("Day (UTC), model", usage["day and model"].toReversed())}</details>
    <h2>Errors</h2>${errors(all)}
    <h2>Tools</h2>${tools.length === 0 ? html`<p class="quiet">No tool was called.</p>` : toolTable(tools)}`;
}

function sums(report: UsageReport, all: Usage): Html {
  const { completed, failed, inputTokens, outputTokens, costUsd, unpriced, latencyMs } = all;
  const told: [string, string][] = [
    ["Cost", dollars(costUsd, unpriced)],
    ["Today", today(report)],
    ["Turns", `${count(completed)}${failed > 0 ? `, ${count(failed)} failed` : ""}`],
    ["Tokens", `${count(inputTokens)} in, ${count(outputTokens)} out`],
    ["Latency", latencyMs ? `p50 ${duration(latencyMs.p50)}, p95 ${duration(latencyMs.p95)}` : "not known"],
  ];
  return html`<dl class="sums">${told.map(([name, sum]) => html`<div><dt>${name}</dt><dd>${sum}</dd></div>`)}</dl>`;
}

/** What today has cost and may still cost, of what it may (both UTC), as the worker goes by it. */
function today({ days, usage, spent, dailyBudgetUsd }: UsageReport): string {
  const unpriced = usage.day.find(({ key }) => key === days.at(-1))?.unpriced;
  const cost = dollars(spent.settledUsd + spent.reservedUsd, unpriced);
  return dailyBudgetUsd === null
    ? `${cost}, no budget`
    : `${cost} of ${dollars(dailyBudgetUsd + spent.raisedUsd)} budget`;
}

function errors({ errors: byClass }: Usage): Html {
  const classes = Object.entries(byClass).sort(([, one], [, other]) => other - one);
  if (classes.length === 0) return html`<p class="quiet">No turn failed.</p>`;
  return html`<div class="panel"><table>
    <thead><tr><th scope="col">Class</th><th scope="col" class="number">Turns</th></tr></thead>
    <tbody>${classes.map(([name, times]) => html`<tr><td class="wrap">${name}</td><td class="number">${count(times)}</td></tr>`)}</tbody>
  </table></div>`;
}

function toolTable(tools: readonly ToolUsage[]): Html {
  return html`<div class="panel"><table>
    <thead><tr><th scope="col">Tool</th><th scope="col" class="number">Calls</th>
      <th scope="col" class="number">Failed</th></tr></thead>
    <tbody>${tools.map(
      ({ name, calls, failed }) => html`<tr><td class="wrap">${name}</td><td class="number">${count(calls)}</td>
        <td class="number">${count(failed)}</td></tr>`,
    )}</tbody>
  </table></div>`;
}
