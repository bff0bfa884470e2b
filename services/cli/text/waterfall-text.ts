import { inWords } from "../../../shared/duration.ts";
import type { Paint } from "../output.ts";
import type { Span } from "../reading/waterfall.ts";
import { columns } from "./columns.ts";
import { shortPayload, styleOf } from "./event-text.ts";

const WIDTH = 30;

/** A row for each span: its event, what it was, a bar from its beginning to its end, how long, and what is known of it. */
export function waterfallLines(spans: readonly Span[], paint: Paint): string[] {
  const totalMs = Math.max(...spans.map(({ startMs, endMs }) => endMs ?? startMs), 1);
  return columns(
    spans.map((span) => {
      const { id, depth, name, startMs, endMs, payload } = span;
      const style = span.failed ? "red" : styleOf(name);
      const took = endMs === null ? "no end" : endMs === startMs ? "" : inWords(endMs - startMs);
      const what = `${"  ".repeat(depth)}${name}`;
      const label = paint(style, what);
      const at = `+${inWords(startMs)}`;
      return [String(id), label, at, paint(style, bar(span, totalMs)), took, paint("dim", shortPayload(payload))];
    }),
  ).map((line) => line.trimEnd());
}

/** "   ████      ": what takes no time is a thin mark, and what has no end reaches to the end. */
function bar({ startMs, endMs }: Span, totalMs: number): string {
  const from = Math.min(Math.floor((startMs / totalMs) * WIDTH), WIDTH - 1);
  if (endMs === startMs) return `${" ".repeat(from)}▏`.padEnd(WIDTH);
  const to = Math.max(Math.ceil(((endMs ?? totalMs) / totalMs) * WIDTH), from + 1);
  return `${" ".repeat(from)}${(endMs === null ? "░" : "█").repeat(to - from)}`.padEnd(WIDTH);
}
