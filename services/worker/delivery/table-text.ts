export type Alignment = "left" | "right" | "center" | null;

/** A table in columns as wide as their longest cell, for a font whose characters are all as wide. */
export function tableText(table: readonly (readonly string[])[], align: readonly Alignment[]): string {
  const rows = table.map((cells) => cells.map((cell) => cell.replaceAll("\n", " ")));
  const widths = align.map((_, column) => Math.max(...rows.map((row) => width(row[column] ?? ""))));
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
