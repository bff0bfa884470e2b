import { createHash, randomInt, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../../shared/clock.ts";

/** Without those that look alike. Ten of 32 are 50 bits: a thousand guesses a second take thousands of years. */
const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const CODE_LENGTH = 10;
/** A person who reads a code off a screen needs fewer tries; whoever used them up has as many again an hour later. */
const MOST_WRONG_BY_A_CHAT = 5;
const FORGOTTEN_AFTER_MS = 60 * 60 * 1000;
/** However many strangers guess, no more of them are answered: each answer is a message that is sent. */
const MOST_ANSWERED_IN_ALL = 20;
/** Strangers may come from any number of chats; of the oldest nothing is remembered. */
const MOST_CHATS = 10_000;

/** `wrong` is worth an answer; `closed`: no code is out, or there were too many wrong ones lately. */
export type Claim = "right" | "wrong" | "closed";

export interface Pairing {
  /** Makes a new code, good for one chat, and has it shown to whoever reads this process's log. */
  open(): void;
  /** The right code is right at any time, from any chat that has not guessed too often: nobody can use up another's tries. */
  claim(chatId: number, given: string): Claim;
}

/** Wrong codes since a moment. */
interface Wrong {
  readonly since: number;
  readonly count: number;
}

/** The code is in this process's memory and its log alone. */
export function createPairing(show: (code: string) => void, clock: Pick<Clock, "monotonicMs">): Pairing {
  let code: string | null = null;
  let inAll: Wrong = { since: 0, count: 0 };
  const byChat = new Map<number, Wrong>();
  const lately = (wrong: Wrong | undefined): Wrong => {
    const now = clock.monotonicMs();
    return wrong && now - wrong.since < FORGOTTEN_AFTER_MS ? wrong : { since: now, count: 0 };
  };

  function guessedWrong(chatId: number, before: Wrong): Claim {
    byChat.delete(chatId); // the newest stand last
    byChat.set(chatId, { ...before, count: before.count + 1 });
    const [oldest] = byChat.keys();
    if (byChat.size > MOST_CHATS && oldest !== undefined) byChat.delete(oldest);
    const all = lately(inAll);
    inAll = { ...all, count: all.count + 1 };
    return all.count < MOST_ANSWERED_IN_ALL ? "wrong" : "closed";
  }

  return {
    open() {
      code = Array.from({ length: CODE_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join("");
      show(`${code.slice(0, CODE_LENGTH / 2)}-${code.slice(CODE_LENGTH / 2)}`);
    },
    claim(chatId, given) {
      const before = lately(byChat.get(chatId));
      if (code === null || before.count >= MOST_WRONG_BY_A_CHAT) return "closed";
      if (!isSame(given.replace(/[\s-]/g, "").toUpperCase(), code)) return guessedWrong(chatId, before);
      code = null;
      return "right";
    },
  };
}

/** In a time that tells nothing of how much of it was right. */
function isSame(given: string, code: string): boolean {
  const [one, other] = [given, code].map((text) => createHash("sha256").update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}
