import { expect, test } from "@jest/globals";
import { parseHtml } from "./html-markup.ts";

test("tags become entities over the bare text, in UTF-16 units", () => {
  expect(parseHtml('😀 <b>bold <i>both</i></b> <a href="https://a.example/?x=1&amp;y=2">link</a>')).toEqual({
    ok: true,
    text: "😀 bold both link",
    entities: [
      { type: "bold", offset: 3, length: 9 },
      { type: "italic", offset: 8, length: 4 },
      { type: "text_link", offset: 13, length: 4, url: "https://a.example/?x=1&y=2" },
    ],
  });
});

test("a code block keeps its language and is one entity", () => {
  expect(parseHtml('<pre><code class="language-ts">a &lt; b</code></pre>')).toEqual({
    ok: true,
    text: "a < b",
    entities: [{ type: "pre", offset: 0, length: 5, language: "ts" }],
  });
});

test("character references are read, and what is none stays as it is", () => {
  expect(parseHtml("&lt;&#65;&#x1F600;&nbsp; & co &")).toEqual({
    ok: true,
    text: "<A😀&nbsp; & co &",
    entities: [],
  });
});

test("what does not parse is told in Telegram's words", () => {
  const problem = (html: string) => {
    const parsed = parseHtml(html);
    return parsed.ok ? null : parsed.problem;
  };
  expect(problem("a <script>x</script>")).toBe('Unsupported start tag "script" at byte offset 2');
  expect(problem("é <b>x")).toBe('Can\'t find end tag corresponding to start tag "b"');
  expect(problem("<b>x</i>")).toBe('Unmatched end tag at byte offset 4, expected "</b>", found "</i>"');
  expect(problem("é</b>")).toBe("Unexpected end tag at byte offset 2");
  expect(problem("1 < 2")).toBe('Unsupported start tag "" at byte offset 2');
});

test("an endless text of open brackets is refused as quickly as a short one", () => {
  expect(parseHtml("<a ".repeat(30_000))).toMatchObject({ ok: false });
});
