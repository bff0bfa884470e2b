import { expect, test } from "@jest/globals";
import { plain } from "./formatted-text.ts";
import { MESSAGE_LIMIT, split, toParts } from "./parts.ts";

const texts = (text: string, limit = MESSAGE_LIMIT) => split(plain(text), limit).map((part) => part.text);

test("a text that fits is one part, an empty one is none", () => {
  expect(texts("hello")).toEqual(["hello"]);
  expect(texts("a".repeat(4096))).toHaveLength(1);
  expect(texts(" \n ")).toEqual([]);
});

test("a longer text is cut at a paragraph, else a line, else a word, else where it must", () => {
  expect(texts("aaaa bb\n\ncc", 9)).toEqual(["aaaa bb", "cc"]);
  expect(texts("aaaa bb\ncccc", 9)).toEqual(["aaaa bb", "cccc"]);
  expect(texts("aaaa bbb cccc", 9)).toEqual(["aaaa bbb", "cccc"]);
  expect(texts("aaaaabbbbbcc", 5)).toEqual(["aaaaa", "bbbbb", "cc"]);
});

test("no part is longer than the limit in UTF-16 units, and no pair is torn", () => {
  const text = `x${"😀".repeat(5000)}`;
  const parts = texts(text);
  expect(parts.join("")).toBe(text);
  for (const part of parts) {
    expect(part.length).toBeLessThanOrEqual(4096);
    expect(part.isWellFormed()).toBe(true);
  }
});

test("a code block that is cut is a code block in both parts, and keeps its indentation", () => {
  const code = "```js\nif (a) {\n  b();\n\n  c();\n}\n```";
  expect(toParts(code, "markdown", 20)).toEqual([
    { text: "if (a) {\n  b();", entities: [{ type: "pre", language: "js", offset: 0, length: 15 }] },
    { text: "  c();\n}", entities: [{ type: "pre", language: "js", offset: 0, length: 8 }] },
  ]);
});

test("a text is rather cut before a code block than inside it", () => {
  const parts = toParts("Some words of explanation.\n\n```\na\n\nb\n```", "markdown", 29);
  expect(parts.map(({ text }) => text)).toEqual(["Some words of explanation.", "a\n\nb"]);
});

test("bold and links go on in the next part", () => {
  expect(toParts("**aaaa bbbb** [cccc](https://d.e)", "markdown", 5)).toEqual([
    { text: "aaaa", entities: [{ type: "bold", offset: 0, length: 4 }] },
    { text: "bbbb", entities: [{ type: "bold", offset: 0, length: 4 }] },
    { text: "cccc", entities: [{ type: "text_link", url: "https://d.e", offset: 0, length: 4 }] },
  ]);
});

test("what has only marks in it is sent as it was written, and a torn character is replaced", () => {
  expect(toParts("```\n```", "markdown")).toEqual([{ text: "```\n```" }]);
  expect(toParts("a\uD83D", "markdown")).toEqual([{ text: "a\uFFFD" }]);
});

test("plain text keeps its marks", () => {
  expect(toParts("**a** _b_", "plain")).toEqual([{ text: "**a** _b_" }]);
});
