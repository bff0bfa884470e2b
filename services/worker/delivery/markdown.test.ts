import { expect, test } from "@jest/globals";
import { fromMarkdown } from "./markdown.ts";
import { toParts } from "./parts.ts";

/** The text, and each entity with the words that it is about. */
function read(markdown: string) {
  const { text, entities } = fromMarkdown(markdown);
  return [text, ...entities.map(({ type, offset, length }) => `${type}: ${text.slice(offset, offset + length)}`)];
}

test.each([
  ["**b** and *i* and ~~s~~ and `c`", ["b and i and s and c", "bold: b", "italic: i", "strikethrough: s", "code: c"]],
  ["***both***", ["both", "italic: both", "bold: both"]],
  ["😀 **after an emoji**", ["😀 after an emoji", "bold: after an emoji"]],
  ["## A **title**\ntext", ["A title\n\ntext", "bold: A title"]],
  ["one\ntwo  \nthree", ["one\ntwo\nthree"]],
  ["> quoted **words**\n> > deeper", ["quoted words\n\ndeeper", "blockquote: quoted words\n\ndeeper", "bold: words"]],
  ["- a\n- b\n  - **c**\n    d", ["• a\n• b\n  • c\n    d", "bold: c"]],
  ["3. a\n4. b", ["3. a\n4. b"]],
  ["- [x] done\n- [ ] not", ["☑ done\n☐ not"]],
  ["1. ```\n   x\n     y\n   ```", ["1. x\n     y", "pre: x\n     y"]],
  ["| a | bb |\n|--|--:|\n| 1 | **2** |", ["a │ bb\n──┼───\n1 │  2", "pre: a │ bb\n──┼───\n1 │  2"]],
  ["![a cat](https://c.at/1.png)", ["a cat", "text_link: a cat"]],
  ["[here](/docs) and https://e.org/a_b_c", ["here (/docs) and https://e.org/a_b_c"]],
  ["[x](javascript:alert(1))", ["x (javascript:alert(1))"]],
  ["a &amp; b &lt;c&gt; &#128512; `&amp;` \\*d\\*", ["a & b <c> 😀 &amp; *d*", "code: &amp;"]],
  ["a<br>b <b>c</b>", ["a\nb <b>c</b>"]],
  ["snake_case_name and 2 * 3 * 4", ["snake_case_name and 2 * 3 * 4"]],
  ["a\n\n---\n\nb", ["a\n\n———\n\nb"]],
  ["**never closed", ["**never closed"]],
])("%j", (markdown, expected) => {
  expect(read(markdown)).toEqual(expected);
});

test("a code block names its language, and a link its address", () => {
  expect(fromMarkdown("```c++ x\ny\n```").entities).toEqual([{ type: "pre", language: "c++", offset: 0, length: 1 }]);
  expect(fromMarkdown("[a](https://b.c/d?e=f)").entities).toEqual([
    { type: "text_link", url: "https://b.c/d?e=f", offset: 0, length: 1 },
  ]);
});

test("an unfinished code block is one already, so that a streamed answer shows it", () => {
  expect(read("look:\n\n```js\nlet a")).toEqual(["look:\n\nlet a", "pre: let a"]);
});

test("what would exhaust the parser is shown as it was written", () => {
  const nested = ">".repeat(40_000);
  expect(fromMarkdown(nested)).toEqual({ text: nested, entities: [] });
  const long = "**a** ".repeat(10_000);
  expect(fromMarkdown(long)).toEqual({ text: long, entities: [] });
});

test("whatever is cut wherever, each part is one that Telegram takes", () => {
  const pieces = [
    "**bold *both***",
    "`c`",
    "```js\nx\n\n  y\n```",
    "\n\n",
    "- a\n  - b\n",
    "> q\n",
    "😀",
    " word ",
    "|a|b|\n|-|-|\n|1|2|\n",
  ];
  let seed = 1;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  for (let count = 0; count < 500; count++) {
    const text = Array.from({ length: 30 }, () => pieces[Math.floor(random() * pieces.length)]).join("");
    const limit = 5 + Math.floor(random() * 60);
    const parts = toParts(text, "markdown", limit);
    expect(toParts(text, "markdown", limit)).toEqual(parts);
    for (const part of parts) {
      expect(part.text.length).toBeLessThanOrEqual(limit);
      expect(part.text.trim()).not.toBe("");
      expect(part.text.isWellFormed()).toBe(true);
      for (const { offset, length } of part.entities ?? []) {
        expect(offset).toBeGreaterThanOrEqual(0);
        expect(length).toBeGreaterThan(0);
        expect(offset + length).toBeLessThanOrEqual(part.text.length);
      }
    }
  }
});
