import type { Usage, UsageKey } from "../../../shared/usage.ts";
import type { Paint } from "../output.ts";
import { columns } from "./columns.ts";
import { visible } from "./event-text.ts";

/** A row for each key, and their sum. */
export function usageLines(by: UsageKey, rows: readonly Usage[], paint: Paint): string[] {
  const head = [by, "turns", "failed", "tokens in", "cached", "out", "cost", "p50", "p95", ""];
  const cells = rows.map((row) => [
    visible(row.key),
    String(row.completed),
    row.failed === 0 ? "0" : paint("red", String(row.failed).padStart(WIDTHS[2] ?? 0)),
    ...tokens(row),
    cost(row),
    seconds(row.latencyMs?.p50),
    seconds(row.latencyMs?.p95),
    Object.entries(row.errors)
      .map(([name, count]) => `${count} ${name}`)
      .join(", "),
  ]);
  const sum = rows.reduce(plus);
  const total = ["sum", String(sum.completed), String(sum.failed), ...tokens(sum), cost(sum), "", "", ""];
  return columns([head, ...cells, ...(rows.length > 1 ? [total] : [])].map((row) => rightAlign(row))).map((line, at) =>
    at === 0 ? paint("bold", line.trimEnd()) : line.trimEnd(),
  );
}

const WIDTHS = [0, 6, 6, 10, 10, 9, 10, 7, 7];

/** Numbers end at the same column. */
function rightAlign(row: readonly string[]): string[] {
  return row.map((cell, at) => (at === 0 || at === row.length - 1 ? cell : cell.padStart(WIDTHS[at] ?? 0)));
}

function plus(one: Usage, other: Usage): Usage {
  return {
    ...one,
    completed: one.completed + other.completed,
    failed: one.failed + other.failed,
    inputTokens: one.inputTokens + other.inputTokens,
    cachedTokens: one.cachedTokens + other.cachedTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    costUsd: one.costUsd + other.costUsd,
    unpriced: one.unpriced + other.unpriced,
  };
}

function tokens({ inputTokens, cachedTokens, outputTokens }: Usage): string[] {
  return [inputTokens, cachedTokens, outputTokens].map((count) => count.toLocaleString("en"));
}

/** Turns without a known cost make it the least that was spent. */
function cost({ costUsd, unpriced }: Usage): string {
  return `${unpriced > 0 ? "≥ " : ""}$${costUsd.toFixed(costUsd < 1 ? 4 : 2)}`;
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? "-" : `${(ms / 1000).toFixed(1)} s`;
}
