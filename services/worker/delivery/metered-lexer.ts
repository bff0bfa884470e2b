import { getDefaults, Lexer, type Token, Tokenizer } from "marked";
import { type MarkdownBlock, weightOf } from "./markdown-blocks.ts";

export type { MarkedToken, Token, Tokens } from "marked";

/**
 * marked's time can grow with the square of what it reads (24,000 characters of `h<**` take it 10 s), and a regular
 * expression cannot be stopped. So its work is counted as it goes, and when a text has used up what it may, the rest is
 * left as it was written. Both counts are far beyond what ordinary answers need, and bound 50,000 characters of anything
 * to less than 100 ms.
 */
export const ALLOWED = {
  /** Weights of what is handed to the block parser, at every level. */
  blocks: 3_000_000,
  /** Characters that the inline parser looks at in vain behind a mark that nothing closes, and reads anew within one. */
  marks: 150_000,
};

/** The inline parser first masks all that it is given, which takes the square root of it as often. */
const LONGEST_INLINE = 4000;

/** Telegram shows no quotes within quotes; thousands of levels exhaust the stack. */
const MOST_LEVELS = 32;

/** What is looked up from one block to another: `[label]: address`. */
export type Links = Lexer["tokens"]["links"];

export interface MarkdownReader {
  /** The tokens of a block; null when it is to be shown as it was written. What they hold is read by `readInline`. */
  read(block: MarkdownBlock): Token[] | null;
  /** Once, after the last block: what is in the lines of all of them, since links may be named at the end. */
  readInline(): void;
}

export function createMarkdownReader(allowed = ALLOWED): MarkdownReader {
  const work = { blocks: allowed.blocks, marks: allowed.marks };
  const links: Links = Object.create(null);
  const lexers: Lexer[] = [];
  return {
    read({ text, isEasy }) {
      if (isEasy) work.blocks += weightOf(text) - text.length;
      const reading = meteredLexer(work);
      reading.tokens.links = links;
      try {
        reading.blockTokens(text, reading.tokens);
      } catch {
        return null; // too deep, or it was too much work
      }
      lexers.push(reading);
      return reading.tokens;
    },
    readInline() {
      for (const reading of lexers) {
        for (const { src, tokens } of reading.inlineQueue) {
          reading.state.inRawBlock = false;
          for (const stretch of stretchesOf(src)) reading.inlineTokens(stretch, tokens);
        }
      }
    },
  };
}

interface Work {
  blocks: number;
  marks: number;
}

function meteredLexer(work: Work): Lexer {
  const reading = new Lexer({ ...getDefaults(), tokenizer: meteredTokenizer(work) });
  const { blockTokens, inlineTokens } = reading;
  let level = 0;
  reading.blockTokens = (text: string, ...more: never[]) => {
    work.blocks -= weightOf(text);
    level += 1;
    if (work.blocks < 0 || level > MOST_LEVELS) throw new RangeError("too much for the parser");
    const tokens = blockTokens.call(reading, text, ...more);
    level -= 1;
    return tokens;
  };
  reading.inlineTokens = (text, tokens) => {
    work.marks -= text.length;
    return inlineTokens.call(reading, text, tokens);
  };
  return reading;
}

/** Which rules are tried at which mark: behind one that nothing closes they look through all that follows. */
const RULES = { "<": ["tag", "autolink"], "[": ["link", "reflink"], "!": ["link", "reflink"] } as const;
const CLOSED = { "*": ["emStrong"], _: ["emStrong"], "`": ["codespan"], "~": ["del"] } as const;
const TRIED: ReadonlyMap<string, readonly string[]> = new Map(Object.entries({ ...RULES, ...CLOSED }));
const METERED = ["escape", "tag", "link", "reflink", "emStrong", "codespan", "br", "del", "autolink", "url"] as const;

function meteredTokenizer(work: Work): Tokenizer {
  const tokenizer = new Tokenizer();
  for (const rule of METERED) {
    const original = tokenizer[rule] as (text: string, ...more: unknown[]) => { raw: string } | undefined;
    const metered = (text: string, ...more: unknown[]) => {
      if (work.marks < 0) return undefined;
      const token = original.call(tokenizer, text, ...more);
      if (TRIED.get(text[0] ?? "")?.includes(rule)) work.marks -= token?.raw.length ?? text.length;
      return token;
    };
    Object.assign(tokenizer, { [rule]: metered });
  }
  const { inlineText, table } = tokenizer;
  tokenizer.table = (text) => (cellsAt(text) > MOST_CELLS ? undefined : table.call(tokenizer, text));
  tokenizer.inlineText = (text) => {
    if (work.marks < 0) return { type: "text", raw: text, text, escaped: false };
    work.marks -= wordAt(text); // where a word begins, it is looked through for an e-mail address
    return inlineText.call(tokenizer, text);
  };
  return tokenizer;
}

/** Short rows are filled up to as many cells as there are names: 50,000 characters can be a hundred million. */
const MOST_CELLS = 20_000;

function cellsAt(text: string): number {
  const names = text.slice(0, text.indexOf("\n")).split("|").length;
  return names > 100 ? names * text.split("\n").length : names;
}

function wordAt(text: string): number {
  return /^\S[^\s@]*/.exec(text)?.[0].length ?? 0;
}

/** Cut where a line ends, or a word. */
function stretchesOf(text: string): string[] {
  const stretches: string[] = [];
  for (let rest = text; rest !== ""; ) {
    const fitting = rest.slice(0, LONGEST_INLINE);
    const at = Math.max(fitting.lastIndexOf("\n"), fitting.lastIndexOf(" "));
    const end = rest.length <= LONGEST_INLINE || at <= 0 ? LONGEST_INLINE : at;
    stretches.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return stretches;
}
