import type { RefusalReason } from "../model/model.ts";
import type { StopReason } from "./thought.ts";

/** Telegram's limit for one message, in UTF-16 code units after entities are parsed. */
export const MESSAGE_LIMIT = 4096;

/**
 * Cuts a text into parts that Telegram takes, at the last paragraph, line or word that fits, and never inside a
 * surrogate pair. What is only white space becomes no part: Telegram refuses it.
 */
export function splitMessage(text: string, limit = MESSAGE_LIMIT): string[] {
  const parts: string[] = [];
  let rest = text.trim();
  while (rest.length > limit) {
    const end = endOfPart(rest, limit);
    parts.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  return rest === "" ? parts : [...parts, rest];
}

function endOfPart(text: string, limit: number): number {
  const fitting = text.slice(0, limit + 1);
  for (const gap of ["\n\n", "\n", " "]) {
    const at = fitting.lastIndexOf(gap);
    if (at > limit / 2) return at;
  }
  const splitsPair = /[\uD800-\uDBFF]/.test(text.charAt(limit - 1)) && /[\uDC00-\uDFFF]/.test(text.charAt(limit));
  return splitsPair ? limit - 1 : limit;
}

const IN_PLAIN_WORDS: Readonly<Record<RefusalReason | StopReason, string>> = {
  rate_limited: "the model's provider asks us to slow down",
  overloaded: "the model's provider is overloaded",
  timeout: "the model took too long",
  unreachable: "the model's provider cannot be reached",
  unauthorised: "the model's provider refuses our key",
  context_too_long: "the conversation is too long for the model",
  refused: "the model refused to answer this",
  malformed: "the model's answer could not be read",
  turns_exhausted: "it took more steps than one message may",
  wall_seconds_exhausted: "it took more time than one message may",
  tokens_exhausted: "it took more tokens than one message may",
  budget_exhausted: "today's budget for the model is spent",
  stalled: "the model went in circles",
};

const OTHERWISE: Readonly<Record<string, string>> = {
  set_aside: "the agent crashed while it worked on this and nothing else, so it is not tried again by itself",
  stopped: "you stopped it",
};

/** The one line a person gets instead of an answer. The reference leads to the message's tree in the log. */
export function errorLine(reason: string, reference: number): string {
  // Stored, perhaps by another image that knew other reasons.
  const words = IN_PLAIN_WORDS[reason as RefusalReason | StopReason] ?? OTHERWISE[reason] ?? "something went wrong";
  return `I could not answer: ${words}. (Reference ${reference})`;
}

/** What a person gets of an answer that came to its end too early: what there is of it, and why there is no more. */
export function unfinishedAnswer(text: string, reason: StopReason, reference: number): string {
  return `${text.trim()}\n\n(It ends here: ${IN_PLAIN_WORDS[reason]}. Reference ${reference})`;
}
