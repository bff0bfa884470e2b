import { expect, test } from "@jest/globals";
import type { Spoken } from "../../../../shared/history.ts";
import { compress } from "./compress.ts";
import { cutMiddle } from "./cut-middle.ts";
import { estimateTokens } from "./tokens.ts";

/** Always the same numbers, from 0 to 1 (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const CHARACTERS = ["a", " ", "\n", "ß", "…", "汉", "字", "😀", "👩‍👩‍👧"];

function conversations(count: number) {
  const random = randomFrom(4);
  const text = (longest: number) =>
    Array.from({ length: Math.floor(random() ** 3 * longest) }, () => CHARACTERS[Math.floor(random() * 9)]).join("");
  return Array.from({ length: count }, () => ({
    message: text(3000),
    history: Array.from({ length: Math.floor(random() * 13) }, (_, index): Spoken => {
      return { role: index % 2 === 0 ? "user" : "assistant", text: text(2000) };
    }),
    budget: 20 + Math.floor(random() ** 2 * 4000),
  }));
}

const CASES = conversations(500);

test("the budget is never passed, whatever was said", () => {
  for (const { budget, ...provided } of CASES) {
    const shown = compress(provided, budget);
    const tokens = [shown.message, ...shown.history.map(({ text }) => text)].map((text) => estimateTokens(text) + 4);
    expect(shown.messageTokens + shown.historyTokens).toBe(tokens.reduce((sum, each) => sum + each));
    expect(shown.messageTokens + shown.historyTokens).toBeLessThanOrEqual(budget);
  }
});

test("the message to answer is always there, whole if it fits at all", () => {
  for (const { budget, ...provided } of CASES) {
    const { message } = compress(provided, budget);
    if (estimateTokens(provided.message) + 4 <= budget) expect(message).toBe(provided.message);
    else expect(message).not.toBe("");
  }
});

test("what is left out is the oldest, and nothing between", () => {
  for (const { budget, ...provided } of CASES) {
    const { history } = compress(provided, budget);
    const newest = provided.history.slice(provided.history.length - history.length);
    expect(history.map(({ role }) => role)).toEqual(newest.map(({ role }) => role));
    for (const [index, { text }] of history.entries()) {
      const whole = newest[index]?.text ?? "";
      expect(text === whole || text.includes("left out …]") || whole.startsWith(text)).toBe(true);
    }
  }
});

test("no character is torn", () => {
  for (const { budget, ...provided } of CASES) {
    const { message, history } = compress(provided, budget);
    for (const text of [message, ...history.map(({ text }) => text)]) {
      expect(text.isWellFormed()).toBe(true);
      expect(text).not.toContain("\uFFFD");
    }
  }
});

test("one long message of many does not drive out the others", () => {
  const history: Spoken[] = [
    { role: "user", text: "my name is Ada" },
    { role: "user", text: "x".repeat(100_000) },
    { role: "assistant", text: "that is long" },
  ];
  const shown = compress({ history, message: "who am I?" }, 400);
  expect(shown.history.map(({ text }) => text.slice(0, 14))).toEqual([
    "my name is Ada",
    "xxxxxxxxxxxxxx",
    "that is long",
  ]);
  expect(shown.cut).toBe(1);
});

test("a text that is too long keeps its beginning and its end, and says what is missing", () => {
  expect(cutMiddle(`begin ${"…".repeat(500)} end`, 20)).toBe("begin ………\n[… 1482 bytes left out …]\n……… end");
  expect(cutMiddle("short", 20)).toBe("short");
  expect(cutMiddle("汉".repeat(9), 5)).toBe("汉汉汉汉汉");
});
