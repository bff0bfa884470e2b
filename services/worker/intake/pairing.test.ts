import { expect, test } from "@jest/globals";
import { createPairing } from "./pairing.ts";

function opened() {
  const shown: string[] = [];
  const pairing = createPairing((code) => shown.push(code));
  pairing.open();
  return { pairing, code: shown[0] ?? "", shown };
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

test("after twenty wrong ones, whoever's, it takes another start", () => {
  const { pairing, code } = opened();
  for (let chat = 1; chat <= 20; chat += 1) expect(pairing.claim(chat, "x")).toBe("wrong");
  expect(pairing.claim(99, code)).toBe("closed");
});

test("without a code out, none is right", () => {
  expect(createPairing(() => {}).claim(7, "")).toBe("closed");
});
