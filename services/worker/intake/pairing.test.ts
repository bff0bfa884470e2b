import { expect, test } from "@jest/globals";
import { createPairing } from "./pairing.ts";

const HOUR_MS = 3_600_000;

function opened() {
  const shown: string[] = [];
  let now = 0;
  const pairing = createPairing((code) => shown.push(code), { monotonicMs: () => now });
  pairing.open();
  const pass = (ms: number) => {
    now += ms;
  };
  return { pairing, code: shown[0] ?? "", shown, pass };
}

test("the code makes one chat the owner's, once, however it is written", () => {
  const { pairing, code } = opened();
  expect(code).toMatch(/^[A-Z2-9]{5}-[A-Z2-9]{5}$/);
  expect(pairing.claim(7, ` ${code.toLowerCase().replace("-", " ")}`)).toBe("right");
  expect(pairing.claim(8, code)).toBe("closed");
});

test("no two codes are alike", () => {
  const { pairing, shown } = opened();
  pairing.open();
  expect(shown[0]).not.toBe(shown[1]);
  expect(pairing.claim(7, shown[0] ?? "")).toBe("wrong");
});

test("a chat may be wrong five times, and then not be right any more; another one still may", () => {
  const { pairing, code } = opened();
  const answers = Array.from({ length: 6 }, () => pairing.claim(7, "x"));
  expect(answers).toEqual(["wrong", "wrong", "wrong", "wrong", "wrong", "closed"]);
  expect(pairing.claim(7, code)).toBe("closed");
  expect(pairing.claim(8, code)).toBe("right");
});

test("a chat that was wrong too often may try again an hour later", () => {
  const { pairing, code, pass } = opened();
  for (let tries = 0; tries < 5; tries += 1) pairing.claim(7, "x");
  pass(HOUR_MS - 1);
  expect(pairing.claim(7, code)).toBe("closed");
  pass(1);
  expect(pairing.claim(7, code)).toBe("right");
});

test("strangers who guess are answered twenty times an hour, and never keep the owner out", () => {
  const { pairing, code, pass } = opened();
  for (let chat = 1; chat <= 20; chat += 1) expect(pairing.claim(chat, "x")).toBe("wrong");
  for (let chat = 21; chat <= 30_000; chat += 1) expect(pairing.claim(chat, "x")).toBe("closed");
  pass(HOUR_MS);
  expect(pairing.claim(30_001, "x")).toBe("wrong");
  expect(pairing.claim(30_002, code)).toBe("right");
});

test("a stranger who was wrong five times is not let in again by the many who follow soon", () => {
  const { pairing, code } = opened();
  for (let tries = 0; tries < 5; tries += 1) pairing.claim(7, "x");
  for (let chat = 100; chat < 5000; chat += 1) pairing.claim(chat, "x");
  expect(pairing.claim(7, code)).toBe("closed");
});

test("without a code out, none is right", () => {
  expect(createPairing(() => {}, { monotonicMs: () => 0 }).claim(7, "")).toBe("closed");
});
