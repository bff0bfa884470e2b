/** What became of the changes of one file. */
export interface Count {
  killed: number;
  /** No test noticed, and nobody has said why that is right. */
  survived: number;
  accepted: number;
}

const HEADER = ["file", "mutants", "killed", "survived", "accepted", "unexplained"];

export function tableOf(counts: ReadonlyMap<string, Count>): string {
  const rows = [
    HEADER,
    ...[...counts].map(([path, count]) => toRow(path, [count])),
    toRow("all", [...counts.values()]),
  ];
  const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => pad(cell, column, widths[column] ?? 0)).join("  ")).join("\n");
}

/** Of all changes the part that neither a test nor a reason accounts for. */
export function unexplainedShare(counts: readonly Count[]): number {
  return sum(counts, "survived") / Math.max(total(counts), 1);
}

function toRow(name: string, counts: readonly Count[]): string[] {
  const numbers = [total(counts), sum(counts, "killed"), sum(counts, "survived"), sum(counts, "accepted")];
  return [name, ...numbers.map(String), `${(unexplainedShare(counts) * 100).toFixed(1)} %`];
}

function total(counts: readonly Count[]): number {
  return sum(counts, "killed") + sum(counts, "survived") + sum(counts, "accepted");
}

function sum(counts: readonly Count[], outcome: keyof Count): number {
  return counts.reduce((so, count) => so + count[outcome], 0);
}

function pad(cell: string, column: number, width: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}
