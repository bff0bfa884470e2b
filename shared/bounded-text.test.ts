import { expect, test } from "@jest/globals";
import { boundedReason } from "./bounded-text.ts";

test("a reason of three megabytes with escapes is cut to 1,000 characters, and has no control character", () => {
  const reason = boundedReason("\u001b[31mthe registry says\u0000\u0007 no\u202e\u009b2J ".repeat(100_000));
  expect(reason.length).toBeLessThanOrEqual(1000);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  expect(reason).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
  expect(reason).toMatch(/^the registry says/);
});

test("a short reason stays as it is, its lines included", () => {
  expect(boundedReason("OPENAI_API_KEY is not set.\nTG_POLL_SECONDS is not valid.")).toBe(
    "OPENAI_API_KEY is not set.\nTG_POLL_SECONDS is not valid.",
  );
  expect(boundedReason("x".repeat(1000))).toBe("x".repeat(1000));
});

test("no character is cut in two, and one that came in two parts is replaced", () => {
  expect(boundedReason("🙂".repeat(1000)).isWellFormed()).toBe(true);
  expect(boundedReason("half \ud83d of one")).toBe("half \ufffd of one");
});
