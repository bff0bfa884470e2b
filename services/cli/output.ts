import type { WriteStream } from "node:tty";
import { type styleText as StyleText, styleText } from "node:util";

/** Dresses a text in a colour, or leaves it alone. */
export type Paint = (style: Parameters<typeof StyleText>[0], text: string) => string;

export const plain: Paint = (_style, text) => text;

export interface Output {
  /**
   * Writes lines to standard output. Resolves when they are out, a turn of the event loop later: leaving then loses
   * nothing, and between two pages a signal, or a reader that went away, is noticed. Never rejects.
   */
  print(...lines: readonly string[]): Promise<void>;
  /** One line for people, on standard error. */
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
  return {
    async print(...lines) {
      if (gone.signal.aborted || lines.length === 0) return;
      await new Promise((resolve) => stdout.write(`${lines.join("\n")}\n`, () => setImmediate(resolve)));
    },
    note: (line) => void stderr.write(`${line}\n`),
    paint: (style, text) => styleText(style, text, { stream: stdout }),
    closed: gone.signal,
  };
}
