import { stripVTControlCharacters } from "node:util";

/** Lines whose cells start at the same columns; colours take no room. The last cell of a row is as long as it is. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>(widest, []);
  const padded = (cell: string, at: number) => cell + " ".repeat((widths[at] ?? 0) - widthOf(cell));
  return rows.map((row) => [...row.slice(0, -1).map(padded), ...row.slice(-1)].join("  "));
}

function widest(widths: readonly number[], row: readonly string[]): number[] {
  return Array.from({ length: Math.max(widths.length, row.length) }, (_, at) =>
    Math.max(widths[at] ?? 0, widthOf(row[at] ?? "")),
  );
}

const widthOf = (cell: string) => stripVTControlCharacters(cell).length;
