import { expect, test } from "@jest/globals";
import { errorLine, splitMessage } from "./messages.ts";

test("a text that fits is one part, an empty one is none", () => {
  expect(splitMessage("hello")).toEqual(["hello"]);
  expect(splitMessage("a".repeat(4096))).toHaveLength(1);
  expect(splitMessage(" \n ")).toEqual([]);
});

test("a longer text is cut at a paragraph, else a line, else a word, else where it must", () => {
  expect(splitMessage("aaaa bb\n\ncc", 9)).toEqual(["aaaa bb", "cc"]);
  expect(splitMessage("aaaa bb\ncccc", 9)).toEqual(["aaaa bb", "cccc"]);
  expect(splitMessage("aaaa bbb cccc", 9)).toEqual(["aaaa bbb", "cccc"]);
  expect(splitMessage("aaaaabbbbbcc", 5)).toEqual(["aaaaa", "bbbbb", "cc"]);
});

test("no part is longer than the limit in UTF-16 units, and no pair is torn", () => {
  const text = `x${"😀".repeat(5000)}`;
  const parts = splitMessage(text);
  expect(parts.join("")).toBe(text);
  for (const part of parts) {
    expect(part.length).toBeLessThanOrEqual(4096);
    expect(part.isWellFormed()).toBe(true);
  }
});

test("an error line says why in plain words and where to look", () => {
  expect(errorLine("timeout", 12)).toBe("I could not answer: the model took too long. (Reference 12)");
  expect(errorLine("a reason of another image", 12)).toBe("I could not answer: something went wrong. (Reference 12)");
});
