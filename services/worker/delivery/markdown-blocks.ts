/** A stretch of Markdown that can be read by itself, and how far it stands from the one before it. */
export interface MarkdownBlock {
  readonly text: string;
  readonly separator: "" | "\n" | "\n\n";
  /** A block of code, or nothing but a table: the parser's time for it grows with its length alone. */
  readonly isEasy: boolean;
}

/**
 * How much one block may weigh. The parser's time for a list grows with its length times its lines: a block of this
 * weight takes it a few ms at worst. An answer of 4,000 characters in 50 lines still is one block.
 */
const HEAVIEST = 200_000;

/** Shorter paragraphs are read together: each block costs something, too. */
const SHORTEST = 1000;

/** A measure of the time that the block parser may need: its length times its lines. */
export function weightOf(text: string): number {
  return text.length * (1 + newlines(text));
}

function newlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}

/**
 * Cuts a long text into blocks that are read one by one, so that none takes the parser long: between paragraphs and
 * beside blocks of code, and only where that is not enough between lines. What is not too heavy stays whole.
 */
export function markdownBlocks(markdown: string): MarkdownBlock[] {
  const text = markdown.replace(/\r\n?/g, "\n"); // as the parser does first
  if (weightOf(text) <= HEAVIEST) return [{ text, separator: "", isEasy: false }];
  return stretchesOf(text.split("\n")).flatMap((stretch) =>
    stretch.isEasy ? [stretch] : lighter(stretch, stretch.text.split("\n")),
  );
}

/** Blocks of code, and the paragraphs between them. */
function stretchesOf(lines: readonly string[]): MarkdownBlock[] {
  const stretches: MarkdownBlock[] = [];
  let [from, fence, isTopLevel]: [number, string | null, boolean] = [0, null, false];
  let length = 0;
  const cut = (to: number, isFence: boolean) => {
    const inside = withoutEmptyEnd(lines.slice(from, to));
    length = 0;
    if (inside.length > 0) {
      const separator = stretches.length === 0 ? "" : "\n\n";
      stretches.push({ text: inside.join("\n"), separator, isEasy: isFence || isTable(inside) });
    }
    from = to;
  };
  for (const [at, line] of lines.entries()) {
    length += line.length + 1;
    if (fence !== null) {
      if (!closes(line, fence)) continue;
      fence = null;
      if (isTopLevel) cut(at + 1, true);
      continue;
    }
    const isAfterBlank = at === 0 || lines[at - 1]?.trim() === "";
    fence = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/.exec(line)?.[1] ?? null;
    // Only what begins in the first column surely is in no list; a list goes on after an empty line.
    isTopLevel = fence !== null && /^[`~]/.test(line);
    const mayBeCut = fence === null && isAfterBlank && /^[^\s>*+\d-]/.test(line);
    if (isTopLevel || (mayBeCut && length > SHORTEST)) cut(at, false);
  }
  cut(lines.length, fence !== null && isTopLevel);
  return stretches;
}

function withoutEmptyEnd(lines: readonly string[]): readonly string[] {
  return lines.slice(0, lines.findLastIndex((line) => line.trim() !== "") + 1);
}

/** A fence is closed by at least as many of its own marks, and nothing else on the line. */
function closes(line: string, fence: string): boolean {
  const marks = /^ {0,3}(`+|~+)[ \t]*$/.exec(line)?.[1] ?? "";
  return marks.startsWith(fence);
}

/** A row of names, one rule, and rows, all with as many cells; and nothing that could begin anything else. */
function isTable(rows: readonly string[]): boolean {
  const cells = rows.map((row) => row.split("|").length);
  const isRow = (row: string, index: number) => cells[index] === cells[0] && /^[|a-z]/i.test(row) && !RULE.test(row);
  const [names, rule, ...more] = rows;
  return cells[0] !== 1 && cells[1] === cells[0] && RULE.test(rule ?? "") && [names ?? "", ...more].every(isRow);
}
const RULE = /^[ |:-]+$/;

/** As many lines at a time as are not too heavy, ending where another item or paragraph begins if one does. */
function lighter(whole: MarkdownBlock, lines: readonly string[]): MarkdownBlock[] {
  const blocks: MarkdownBlock[] = [];
  const isAfterEmpty = (at: number) => lines[at - 1]?.trim() === "";
  for (let from = 0; from < lines.length; ) {
    let [to, length, another] = [from, 0, 0];
    while (to < lines.length) {
      length += (lines[to]?.length ?? 0) + 1;
      if (to > from && length * (to - from + 1) > HEAVIEST) break;
      if (isAfterEmpty(to) ? /^\S/.test(lines[to] ?? "") : /^(?:[*+>-]|\d+[.)])[ \t]/.test(lines[to] ?? ""))
        another = to;
      to += 1;
    }
    if (to < lines.length && another > from) to = another;
    const separator = from === 0 ? whole.separator : isAfterEmpty(from) ? "\n\n" : "\n";
    blocks.push({ text: lines.slice(from, to).join("\n"), separator, isEasy: false });
    from = to;
  }
  return blocks;
}
