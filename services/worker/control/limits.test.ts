import { expect, test } from "@jest/globals";
import { cutByLimit, limitReached, roomForAnswer } from "./limits.ts";

const LIMITS = { maxTurns: 8, maxWallSeconds: 120, maxTokens: 50_000, maxAnswerTokens: 8000 };
const NOTHING = { turns: 0, wallMs: 0, tokens: 0 };

test("another turn may be taken while there are turns, time and tokens for it", () => {
  expect(limitReached(LIMITS, NOTHING, 16_000)).toBeNull();
  expect(limitReached(LIMITS, { turns: 7, wallMs: 119_999, tokens: 40_000 }, 9000)).toBeNull();
});

test("what forbids it is named, with what was allowed and what was used", () => {
  expect(limitReached(LIMITS, { ...NOTHING, turns: 8 }, 10)).toEqual({ limit: "turns", allowed: 8, used: 8 });
  expect(limitReached(LIMITS, { ...NOTHING, wallMs: 121_900 }, 10)).toEqual({
    limit: "wall_seconds",
    allowed: 120,
    used: 121,
  });
});

test("a turn whose input would leave no room for an answer is not begun", () => {
  const used = { ...NOTHING, tokens: 41_000 };
  expect(limitReached(LIMITS, used, 8990)).toEqual({ limit: "tokens", allowed: 50_000, used: 49_990 });
});

test("an answer that was cut off is our limit's doing only if it used all the room there was", () => {
  const used = { ...NOTHING, tokens: 41_000 };
  expect(cutByLimit(LIMITS, used, { inputTokens: 5000, outputTokens: 4000 })).toEqual({
    limit: "tokens",
    allowed: 50_000,
    used: 50_000,
  });
  expect(cutByLimit(LIMITS, used, { inputTokens: 5000, outputTokens: 3999 })).toBeNull();
});

test("no single answer is given more room than the model can fill", () => {
  expect(roomForAnswer(LIMITS, NOTHING, 1000)).toBe(8000);
  expect(roomForAnswer(LIMITS, { ...NOTHING, tokens: 45_000 }, 1000)).toBe(4000);
  expect(cutByLimit(LIMITS, NOTHING, { inputTokens: 1000, outputTokens: 8000 })).toEqual({
    limit: "tokens",
    allowed: 8000,
    used: 8000,
  });
});
