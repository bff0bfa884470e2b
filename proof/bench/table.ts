import { holds, type Measurement, median, ratio } from "./measurement.ts";

const HEADER = ["from → to", "goal", "median", "min–max", "peer", "ratio", ""];

/** As Markdown, its columns aligned for a terminal. */
export function table(measurements: readonly Measurement[]): string {
  const rows = [HEADER, ...measurements.map(toRow)];
  const widths = HEADER.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`);
  lines.splice(1, 0, `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`);
  return lines.join("\n");
}

function toRow(measurement: Measurement): string[] {
  const { name, unit, samples, peer } = measurement;
  return [
    name,
    goalOf(measurement),
    `${short(median(samples))} ${unit}`,
    `${short(Math.min(...samples))}–${short(Math.max(...samples))}`,
    peer ? `${peer.name}: ${short(median(peer.samples))} ${unit}` : "",
    ratio(measurement)?.toFixed(2) ?? "",
    holds(measurement) ? "holds" : "missed",
  ];
}

function goalOf({ goal, unit }: Measurement): string {
  if ("atMost" in goal) return `≤ ${goal.atMost} ${unit}`;
  return "timesPeer" in goal ? `≤ ${goal.timesPeer} × peer` : `≥ ${goal.atLeastTimesPeer} × peer`;
}

/** Three digits say all that a noisy machine can. */
function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
