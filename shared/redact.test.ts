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

test("a secret of several lines is blanked where it is printed line by line", () => {
  const scrub = createScrubber(["-----BEGIN KEY-----\nQUJDREVG\nR0hJSktM\n-----END KEY-----\n"]);
  expect(scrub("  'QUJDREVG\\n' +").concat(scrub("R0hJSktM"))).toBe("  '[redacted]\\n' +[redacted]");
});

test("what looks like a password in a URL ends with its text: JSON stays JSON", () => {
  const record = { error: "no answer from http://gateway", text: "@bob hi", url: "http://ada:s3cret@host" };
  const printed = createScrubber([])(JSON.stringify(record));
  expect(JSON.parse(printed)).toEqual({ ...record, url: "http://ada:[redacted]@host" });
});

test("the password in a URL and a basic login are blanked", () => {
  const scrub = createScrubber([]);
  expect(scrub("proxy http://ada:s3cret@proxy:3128/ at 10:30")).toBe(
    "proxy http://ada:[redacted]@proxy:3128/ at 10:30",
  );
  expect(scrub("Authorization: Basic YWRhOnMzY3JldC13b3Jk")).toBe("Authorization: Basic [redacted]");
});

test("the key of a server that asks for none is a word that people use", () => {
  expect(createScrubber(["ollama"])("how do I run ollama?")).toBe("how do I run ollama?");
});

test("a value too short to be a secret, and ordinary text, stay", () => {
  const scrub = createScrubber(["abc", ""]);
  expect(scrub("abc 12:30 sk-1 the task took 5 s")).toBe("abc 12:30 sk-1 the task took 5 s");
});
