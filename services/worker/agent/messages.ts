import { ownValue } from "../../../shared/own-value.ts";
import type { RefusalReason } from "../model/model.ts";
import type { StopReason } from "./thought.ts";

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
  const words = ownValue({ ...IN_PLAIN_WORDS, ...OTHERWISE }, reason) ?? "something went wrong";
  return `I could not answer: ${words}. (Reference ${reference})`;
}

/** What a person gets of an answer that came to its end too early: what there is of it, and why there is no more. */
export function unfinishedAnswer(text: string, reason: StopReason, reference: number): string {
  return `${text.trim()}\n\n(It ends here: ${IN_PLAIN_WORDS[reason]}. Reference ${reference})`;
}

/** Instead of an answer, or a part of one, that Telegram does not take. */
export function undeliverableLine(reference: number): string {
  return `I have an answer, but Telegram does not accept it. (Reference ${reference})`;
}
