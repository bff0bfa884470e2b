import { expect, test } from "@jest/globals";
import { createScrubber } from "./redact.ts";

test("a secret is blanked as it is, as JSON writes it and as a URL writes it", () => {
  const scrub = createScrubber(['pass"word/1']);
  expect(scrub('pass"word/1')).toBe("[redacted]");
  expect(scrub(JSON.stringify({ url: 'x pass"word/1 y' }))).toBe('{"url":"x [redacted] y"}');
  expect(scrub("https://host/?key=pass%22word%2F1")).toBe("https://host/?key=[redacted]");
});

test("known shapes are blanked whoever owns them", () => {
  const scrub = createScrubber([]);
  expect(scrub("https://api/bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0/getMe")).toBe(
    "https://api/bot[redacted]/getMe",
  );
  expect(scrub("Incorrect API key provided: sk-proj-abcdefghijklmnopqrst")).toBe(
    "Incorrect API key provided: [redacted]",
  );
  expect(scrub("Authorization: Bearer abcdefghijklmnopqrstuvwxyz")).toBe("Authorization: Bearer [redacted]");
});

test("a value too short to be a secret, and ordinary text, stay", () => {
  const scrub = createScrubber(["abc", ""]);
  expect(scrub("abc 12:30 sk-1 the task took 5 s")).toBe("abc 12:30 sk-1 the task took 5 s");
});
