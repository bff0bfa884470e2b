import type { RefusalReason } from "../model/model.ts";

const IN_PLAIN_WORDS: Readonly<Record<RefusalReason, string>> = {
  rate_limited: "the model's provider asks us to slow down",
  overloaded: "the model's provider is overloaded",
  timeout: "the model took too long",
  unreachable: "the model's provider cannot be reached",
  unauthorised: "the model's provider refuses our key",
  context_too_long: "the conversation is too long for the model",
  refused: "the model refused to answer this",
  malformed: "the model's answer could not be read",
};

const OTHERWISE: Readonly<Record<string, string>> = {
  set_aside: "the agent crashed while it worked on this and nothing else, so it is not tried again by itself",
  stopped: "you stopped it",
};

/** The one line a person gets instead of an answer. The reference leads to the message's tree in the log. */
export function errorLine(reason: string, reference: number): string {
  // Stored, perhaps by another image that knew other reasons.
  const words = IN_PLAIN_WORDS[reason as RefusalReason] ?? OTHERWISE[reason] ?? "something went wrong";
  return `I could not answer: ${words}. (Reference ${reference})`;
}

/** Instead of an answer, or a part of one, that Telegram does not take. */
export function undeliverableLine(reference: number): string {
  return `I have an answer, but Telegram does not accept it. (Reference ${reference})`;
}
