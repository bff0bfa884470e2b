import type { UntoldRollback } from "./untold-rollback.ts";

/** In UTF-16 units; Telegram takes 4096, and counts some characters otherwise than we do. */
const MOST_UNITS = 3500;
const MOST_LINES = 10;
/** So that one stack in one line leaves room for the others, and a long reason for the lines. */
const MOST_UNITS_OF_A_LINE = 300;
const MOST_UNITS_OF_A_NAME = 150;

/** What the operator is told of a rollback: what runs now, why, and what the worker that was given up on said last. */
export function rollbackMessage({ from, to, reason, lastLines }: UntoldRollback): string {
  const [before, now] = [from, to].map((revision) => cut(revision, MOST_UNITS_OF_A_NAME));
  const news = `Rolled back from ${before} to ${now}.\nReason: ${cut(reason, MOST_UNITS_OF_A_LINE)}`;
  const intro = `\n\nThe last lines of ${before}:\n`;
  const lines = newestThatFit(lastLines, MOST_UNITS - news.length - intro.length);
  return lines.length === 0 ? news : `${news}${intro}${lines.join("\n")}`;
}

function newestThatFit(lines: readonly string[], units: number): string[] {
  const kept: string[] = [];
  let left = units;
  for (const line of lines.slice(-MOST_LINES).reverse()) {
    const short = cut(line, MOST_UNITS_OF_A_LINE);
    left -= short.length + 1;
    if (left < 0) break;
    kept.unshift(short);
  }
  return kept;
}

function cut(text: string, units: number): string {
  if (text.length <= units) return text;
  return `${text.slice(0, units - 1).replace(/[\uD800-\uDBFF]$/, "")}…`; // half a surrogate pair is no text
}
