import { expect, test } from "@jest/globals";
import { inWords } from "./duration.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each([
  [0, "0.0 s"],
  [9_999, "10.0 s"],
  [10_000, "10 s"],
  [MINUTE - 1, "59 s"],
  [MINUTE, "1 min"],
  [HOUR - 1, "59 min"],
  [HOUR, "1 h"],
  [3 * HOUR + 12 * MINUTE + 59_000, "3 h 12 min"],
  [DAY, "1 d"],
  [2 * DAY + 5 * HOUR + 59 * MINUTE, "2 d 5 h"],
  [2 * DAY + 5 * MINUTE, "2 d"],
])("%d ms are %s", (ms, words) => {
  expect(inWords(ms)).toBe(words);
});
