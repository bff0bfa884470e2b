import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { Lexer, Tokenizer } from "marked";
import { fromMarkdown } from "./markdown.ts";
import { ALLOWED } from "./metered-lexer.ts";
import { toParts } from "./parts.ts";

/** The rules that look through all that follows, and at which marks. */
const TRIED_AT = {
  tag: "<",
  autolink: "<",
  link: "[!",
  reflink: "[!",
  emStrong: "*_",
  codespan: "`",
  del: "~",
};

/** What the parser was given, at every level, and looked through in vain: its time grows with the square of both. */
let asked: { lines: number; longestLine: number; inVain: number };
const undo: (() => void)[] = [];
beforeEach(() => {
  asked = { lines: 0, longestLine: 0, inVain: 0 };
  watch(Lexer.prototype, "blockTokens", (text) => {
    // A block of code and a table are read in a time that grows with their length alone.
    if (!/^(```|~~~|\|)/.test(text)) asked.lines += text.length * text.split("\n").length;
  });
  watch(Lexer.prototype, "inlineTokens", (text) => {
    asked.longestLine = Math.max(asked.longestLine, text.length);
    asked.inVain += text.length;
  });
  for (const [rule, marks] of Object.entries(TRIED_AT)) {
    watch(Tokenizer.prototype, rule, (text, token) => {
      if (token === undefined && marks.includes(text[0] ?? " ")) asked.inVain += text.length;
    });
  }
});
afterEach(() => {
  for (const one of undo.splice(0)) one();
});

function watch(prototype: object, name: string, see: (text: string, token: unknown) => void): void {
  const methods = prototype as Record<string, (text: string, ...more: unknown[]) => unknown>;
  const original = methods[name];
  if (!original) throw new Error(`marked has no ${name}`);
  methods[name] = function watched(this: unknown, text, ...more) {
    const token = original.call(this, text, ...more);
    see(text, token);
    return token;
  };
  undo.push(() => {
    methods[name] = original;
  });
}

const LONG = 50_000;
const filled = (unit: string, before = "") => (before + unit.repeat(LONG)).slice(0, LONG);

/** One by one each is a mark; some in a row are what the parser spends its time on. */
const MARKS =
  "* ** *** _ __ ~ ~~ ` `` ``` < </ <a <!-- --> [ ] ![ ]( ]( ( ) & &# &amp; | \\ ! @ a@b.c http:// www. > - + 1. # = a 。 文 😀 h".split(
    " ",
  );
const LINES = [
  "\n",
  "\n\n",
  "  \n",
  "> ",
  "- ",
  "1. ",
  "    ",
  "- a\n",
  "|-|\n",
  "|a|b|\n",
  "```\n",
  "~~~\n",
  "[a]: b\n",
];

function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

function hostile(seed: number): string {
  const next = numbers(seed);
  const pick = () => [...MARKS, ...LINES][next(MARKS.length + LINES.length)] ?? "";
  const unit = Array.from({ length: 1 + next(4) }, pick).join("");
  return filled(unit, next(2) === 0 ? "" : pick() + pick());
}

const KNOWN = [
  "h<**",
  "a#_",
  "*_a",
  "a!",
  "[",
  "![",
  "`",
  "<",
  "&",
  "|",
  "**a ",
  "文。。~",
  "(<|**~-",
  "a\n-\n",
  "`a``b",
];
const NESTED = [
  filled(">"),
  filled("> "),
  filled("- "),
  filled("1. "),
  filled("> - "),
  filled("a\n", "- "),
  filled("<!\n", "- "),
];
const TABLES = [
  `|${"a|".repeat(9000)}\n|${"-|".repeat(9000)}\n${"|\n".repeat(6000)}`,
  `|${"a".repeat(20_000)}|b|\n|-|-|\n${"|c|d|\n".repeat(4000)}`,
];

test.each([
  ...KNOWN.map((unit) => [unit, filled(unit)]),
  ...NESTED.map((text) => [text.slice(0, 8), text]),
  ...TABLES.map((text) => [text.slice(0, 8), text]),
  ...Array.from({ length: 40 }, (_, seed) => [`seed ${seed + 1}`, hostile(seed + 1)]),
])("whatever 50,000 characters say, the parser's work is bounded: %j", (_, text) => {
  const parts = toParts(text, "markdown");
  expect(asked.lines).toBeLessThanOrEqual(ALLOWED.blocks);
  expect(asked.longestLine).toBeLessThanOrEqual(4000);
  // One more mark may be looked behind once all is used up, by each of two rules.
  expect(asked.inVain).toBeLessThanOrEqual(ALLOWED.marks + 2 * LONG);
  expect(parts.every((part) => part.text.length <= 4096)).toBe(true);
  expect(parts.reduce((sum, part) => sum + part.text.length, 0)).toBeLessThan(4 * LONG);
});

test("what would be too much is shown as it was written", () => {
  const text = filled("a#_");
  expect(fromMarkdown(text).text).toBe(text);
});

/** As models write: headings, lists, code, tables, and every mark in its use. */
const CHAPTER = [
  "## A **heading** of `some` kind",
  "A paragraph with *emphasis*, **strong words**, `code`, ~~errors~~, a [link](https://example.org/a_b) and 2 * 3 * 4 = 24.\nIts second line names snake_case_names and an array[0], and [what is named below][below].",
  "- one\n- two\n  - **two and a half**\n- three",
  "1. first\n2. second",
  "> quoted, *twice*",
  "```ts\nconst a = b < c && d;\n\n**no mark**\n```",
  "| name | value |\n|---|--:|\n| `a` | 1 |\n| b | **2** |",
].join("\n\n");

test("an ordinary answer is read the same however long it is", () => {
  const alone = fromMarkdown(`${CHAPTER}\n\n[below]: https://example.org`);
  const many = Array.from({ length: 60 }, () => CHAPTER).join("\n\n");
  const together = fromMarkdown(`${many}\n\n[below]: https://example.org`);
  expect(together.text).toBe(Array.from({ length: 60 }, () => alone.text).join("\n\n"));
  expect(together.entities).toHaveLength(60 * alone.entities.length);
});

test("a long list, a long table and a long block of code are read whole", () => {
  const list = Array.from({ length: 600 }, (_, index) => `${index + 1}. **item** ${index}`);
  expect(fromMarkdown(list.join("\n")).text).toBe(list.join("\n").replaceAll("**", ""));
  const code = Array.from({ length: 900 }, (_, index) => `  line ${index} \`\`\` **of code**`).join("\n");
  expect(fromMarkdown(`before\n\n\`\`\`js\n${code}\n\`\`\`\nafter`).text).toBe(`before\n\n${code}\n\nafter`);
  const rows = Array.from({ length: 400 }, () => "| 1234567890 | 1234567890 |").join("\n");
  const table = fromMarkdown(`| a | b |\n|---|---|\n${rows}`);
  expect(table.entities).toEqual([{ type: "pre", offset: 0, length: table.text.length }]);
  expect(table.text.split("\n")).toHaveLength(402);
});
