import { createHash, randomInt, timingSafeEqual } from "node:crypto";

/** Without those that look alike. Ten of 32 are 50 bits: beyond guessing in the few tries there are. */
const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const CODE_LENGTH = 10;
const MOST_WRONG_BY_A_CHAT = 5;
const MOST_WRONG_IN_ALL = 20;

export type Claim = "right" | "wrong" | "closed";

export interface Pairing {
  /** Makes a new code, good for one chat, and has it shown to whoever reads this process's log. */
  open(): void;
  /** `closed`: no code is out, or too many were wrong; then another start is needed. */
  claim(chatId: number, given: string): Claim;
}

/** The code is in this process's memory and its log alone. */
export function createPairing(show: (code: string) => void): Pairing {
  let code: string | null = null;
  const wrong = new Map<number, number>();
  const wrongInAll = () => [...wrong.values()].reduce((sum, count) => sum + count, 0);
  return {
    open() {
      code = Array.from({ length: CODE_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join("");
      show(`${code.slice(0, CODE_LENGTH / 2)}-${code.slice(CODE_LENGTH / 2)}`);
    },
    claim(chatId, given) {
      const before = wrong.get(chatId) ?? 0;
      if (code === null || before >= MOST_WRONG_BY_A_CHAT || wrongInAll() >= MOST_WRONG_IN_ALL) return "closed";
      if (isSame(given.replace(/[\s-]/g, "").toUpperCase(), code)) {
        code = null;
        return "right";
      }
      wrong.set(chatId, before + 1);
      return "wrong";
    },
  };
}

/** In a time that tells nothing of how much of it was right. */
function isSame(given: string, code: string): boolean {
  const [one, other] = [given, code].map((text) => createHash("sha256").update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}
