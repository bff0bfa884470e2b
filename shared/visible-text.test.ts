import { expect, test } from "@jest/globals";
import { visible } from "./visible-text.ts";

test.each([
  ["an escape sequence", "\u001b[2J\u0007", "\\u001b[2J\\u0007"],
  ["a line's end", "a\r\nb\tc", "a\\u000d\\u000ab\\u0009c"],
  ["DEL and C1", "\u007f\u0080\u009b31m\u009f", "\\u007f\\u0080\\u009b31m\\u009f"],
  ["a text that turns its direction", "\u061c\u200e\u200f\u202a\u202e", "\\u061c\\u200e\\u200f\\u202a\\u202e"],
  ["an isolated direction", "\u2066\u2067\u2068\u2069", "\\u2066\\u2067\\u2068\\u2069"],
  ["a line or paragraph separator", "\u2028\u2029", "\\u2028\\u2029"],
  ["what people write", "né 👨‍👩‍👧 سلام می‌خواهم 日本語 …", "né 👨‍👩‍👧 سلام می‌خواهم 日本語 …"],
])("%s is visible", (_what, text, shown) => {
  expect(visible(text)).toBe(shown);
  expect(visible(shown)).toBe(shown);
});

test("JSON that is made visible holds the same values", () => {
  const value = { "a\u202e": "\u001b\u009b\u2028\n\u007f" };
  const text = visible(JSON.stringify(value));
  expect(text).toBe('{"a\\u202e":"\\u001b\\u009b\\u2028\\n\\u007f"}');
  expect(JSON.parse(text)).toEqual(value);
});
