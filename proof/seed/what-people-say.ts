import type { Chance } from "../crash-matrix/random.ts";
import { around, weighted } from "./likelihood.ts";

/** A family, a few friends and a group, some of whom ask all day long. */
const CHATS = Array.from({ length: 14 }, (_, place) => [10_000_001 + place * 37, Math.ceil(60 / (place + 1))] as const);
export const OWNER = 10_000_001;
export const A_STRANGER = 99_000_001;

export function chatOf(chance: Chance): number {
  return weighted(chance, CHATS, OWNER);
}

const WORDS =
  "what is the weather on sunday and when does the train leave for the lake please sum up my notes translate this into spanish how long do lentils cook why was the last build red remind me of the book we spoke about which of these two is cheaper".split(
    " ",
  );

/** Nothing that anybody said: words in a row. */
export function saying(chance: Chance, medianWords: number): string {
  const count = Math.min(around(chance, medianWords), 400);
  const from = chance.below(WORDS.length);
  return Array.from({ length: count }, (_, word) => WORDS[(from + word * 7) % WORDS.length]).join(" ");
}

/** How many messages come in each hour of the day (UTC), as weights. */
export const HOURS: readonly number[] = [
  2, 1, 1, 1, 1, 2, 6, 12, 18, 20, 18, 16, 18, 16, 14, 14, 16, 20, 24, 26, 24, 18, 10, 5,
];

export const COMMANDS = ["/status", "/usage", "/why", "/new", "/help", "/retry"] as const;
