import type { NoAnswer } from "../agent/thought.ts";

/** What trying again can mend: the others say the same next time. */
const MENDED_BY_TIME: ReadonlySet<NoAnswer["reason"]> = new Set([
  "rate_limited",
  "overloaded",
  "timeout",
  "unreachable",
  "malformed",
]);

const FIRST_DELAY_MS = 2000;
const LONGEST_DELAY_MS = 5 * 60_000;
/** A provider that asks for more than this has nothing to say today. */
const LONGEST_HINT_MS = 10 * 60_000;
/** So that chats which failed together do not come back together. */
const JITTER = 0.2;

export type RetryDecision =
  | { readonly kind: "retry"; readonly retry: number; readonly delayMs: number }
  | { readonly kind: "give up" };

/**
 * Whether a message is tried again after a refusal, and when: 2 s, 4 s, 8 s … up to 5 min, and not before the provider's
 * own hint, of which up to 10 min are honoured.
 *
 * @param retries how many there were already
 * @param random from 0 to 1
 */
export function decideRetry(refusal: NoAnswer, retries: number, maxRetries: number, random: number): RetryDecision {
  if (!MENDED_BY_TIME.has(refusal.reason) || retries >= maxRetries) return { kind: "give up" };
  const hintMs = Math.min(refusal.retryAfterMs ?? 0, LONGEST_HINT_MS);
  const ownMs = Math.min(FIRST_DELAY_MS * 2 ** retries, LONGEST_DELAY_MS) * (1 - JITTER * random);
  return { kind: "retry", retry: retries + 1, delayMs: Math.round(Math.max(hintMs, ownMs)) };
}
