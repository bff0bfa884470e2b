import { randomInt } from "node:crypto";
import type { WriteStream } from "node:tty";
import { type styleText as StyleText, styleText } from "node:util";
import { visible } from "../../shared/visible-text.ts";

/** Dresses a text in a colour, or leaves it alone. */
export type Paint = (style: Parameters<typeof StyleText>[0], text: string) => string;

export const plain: Paint = (_style, text) => text;

export interface Output {
  /**
   * Writes lines to standard output. Whatever is in them would be shown, and does not steer the terminal: a line's end
   * inside of one, too; only what `paint` has dressed has its colour. Resolves when they are out, a turn of the event loop later: leaving then loses
   * nothing, and between two pages a signal, or a reader that went away, is noticed. Never rejects.
   */
  print(...lines: readonly string[]): Promise<void>;
  /** One line for people, on standard error; nothing in it steers the terminal either. */
  note(line: string): void;
  /** For what is printed: colours only on a terminal, and as NO_COLOR and FORCE_COLOR say. */
  readonly paint: Paint;
  /** Aborts when whoever read standard output has gone, as `| head` does. */
  readonly closed: AbortSignal;
}

export function createOutput({ stdout, stderr }: { stdout: WriteStream; stderr: WriteStream }): Output {
  const gone = new AbortController();
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    gone.abort();
  });
  stderr.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error; // nobody is left to tell
  });
  const colours = createColours(stdout);
  return {
    async print(...lines) {
      if (gone.signal.aborted || lines.length === 0) return;
      await new Promise((resolve) =>
        stdout.write(`${lines.map(colours.onlyOurs).join("\n")}\n`, () => setImmediate(resolve)),
      );
    },
    note: (line) => void stderr.write(`${visible(line)}\n`),
    paint: colours.paint,
    closed: gone.signal,
  };
}

/**
 * Tells the colours that are ours from those that stand in what is printed: ours carry a number that nobody else knows,
 * in a place where it takes no room, and lose it when they are printed.
 */
function createColours(stream: WriteStream) {
  const part = () => randomInt(1000, 10_000); // a sequence's parameters have four digits at most
  const mark = `;${part()};${part()};${part()};${part()}m`;
  const ours = new RegExp(`\\\\u001b\\[(\\d+)${mark}`, "g");
  const paint: Paint = (style, text) => {
    const [begin = "", end = ""] = styleText(style, "|", { stream }).split("|");
    return begin.replaceAll("m", mark) + text + end.replaceAll("m", mark);
  };
  return { paint, onlyOurs: (line: string) => visible(line).replace(ours, "\u001b[$1m") };
}
