export type Alignment = "left" | "right" | "center" | null;

/** A long cell widens its column in every row: more than this is no picture for a chat. */
const MOST_CHARACTERS = 100_000;

/**
 * A table in columns as wide as their longest cell, for a font whose characters are all as wide; null when that would be
 * too much to look at.
 */
export function tableText(table: readonly (readonly string[])[], align: readonly Alignment[]): string | null {
  const rows = table.map((cells) => cells.map((cell) => cell.replaceAll("\n", " ")));
  const widths = align.map((_, column) => Math.max(...rows.map((row) => width(row[column] ?? ""))));
  const lineWidth = widths.reduce((sum, one) => sum + one + " │ ".length, 0);
  if (rows.length * lineWidth > MOST_CHARACTERS) return null;
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => padded(cell, widths[column] ?? 0, align[column] ?? null))
      .join(" │ ")
      .trimEnd();
  const [header = [], ...body] = rows;
  const rule = widths.map((length) => "─".repeat(length)).join("─┼─");
  return [line(header), rule, ...body.map(line)].join("\n");
}

function padded(cell: string, to: number, align: Alignment): string {
  const room = Math.max(to - width(cell), 0);
  const before = align === "right" ? room : align === "center" ? Math.floor(room / 2) : 0;
  return " ".repeat(before) + cell + " ".repeat(room - before);
}

function width(text: string): number {
  return [...text].length;
}
