import { stripVTControlCharacters } from "node:util";
import type { Usage, UsageKey } from "../../../shared/usage.ts";
import type { Paint } from "../output.ts";
import { columns } from "./columns.ts";

/** A row for each key, and their sum. */
export function usageLines(by: UsageKey, rows: readonly Usage[], paint: Paint): string[] {
  const head = [by, "turns", "failed", "tokens in", "cached", "out", "cost", "p50", "p95", ""];
  const cells = rows.map((row) => [
    row.key,
    String(row.completed),
    row.failed === 0 ? "0" : paint("red", String(row.failed)),
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
  return columns(rightAligned([head, ...cells, ...(rows.length > 1 ? [total] : [])])).map((line, at) =>
    at === 0 ? paint("bold", line.trimEnd()) : line.trimEnd(),
  );
}

/** Numbers end at the same column; colours take no room. */
function rightAligned(rows: readonly (readonly string[])[]): string[][] {
  const widthOf = (cell: string) => stripVTControlCharacters(cell).length;
  const widest = (at: number) => Math.max(...rows.map((row) => widthOf(row[at] ?? "")));
  const isNumber = (row: readonly string[], at: number) => at > 0 && at < row.length - 1;
  return rows.map((row) =>
    row.map((cell, at) => (isNumber(row, at) ? " ".repeat(widest(at) - widthOf(cell)) + cell : cell)),
  );
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
