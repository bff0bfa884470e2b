import type { Spoken } from "../../../../shared/history.ts";
import { cutMiddle } from "./cut-middle.ts";
import type { Provided } from "./provide.ts";
import { estimateTokens, TOKENS_AROUND_MESSAGE } from "./tokens.ts";

/** What of it the model is shown, with the estimated tokens of each part. */
export interface Compressed {
  readonly history: readonly Spoken[];
  readonly message: string;
  readonly historyTokens: number;
  readonly messageTokens: number;
  /** How many of the messages that are shown, the one to answer included, lost their middle. */
  readonly cut: number;
}

/** No earlier message takes more than this share of the budget: one long paste is not all that is remembered. */
const SHARE_OF_ONE = 1 / 4;

/**
 * Fits a conversation into `budgetTokens`. The message to answer comes first, and loses its middle only where it alone
 * is too long; in what is left stand the newest messages before it, without a gap.
 */
export function compress({ history, message }: Provided, budgetTokens: number): Compressed {
  const shown = shorten(message, budgetTokens);
  const earlier: (Spoken & Shortened)[] = [];
  let left = budgetTokens - shown.tokens;
  for (const { role, text } of history.toReversed()) {
    const short = shorten(text, Math.floor(budgetTokens * SHARE_OF_ONE));
    if (short.tokens > left) break;
    earlier.unshift({ role, ...short });
    left -= short.tokens;
  }
  return {
    history: earlier.map(({ role, text }) => ({ role, text })),
    message: shown.text,
    historyTokens: budgetTokens - shown.tokens - left,
    messageTokens: shown.tokens,
    cut: [shown, ...earlier].filter(({ isCut }) => isCut).length,
  };
}

interface Shortened {
  readonly text: string;
  readonly tokens: number;
  readonly isCut: boolean;
}

function shorten(whole: string, maxTokens: number): Shortened {
  const text = cutMiddle(whole, Math.max(maxTokens - TOKENS_AROUND_MESSAGE, 0));
  return { text, tokens: estimateTokens(text) + TOKENS_AROUND_MESSAGE, isCut: text !== whole };
}
