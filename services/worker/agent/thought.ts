import type { Refusal, RefusalReason } from "../model/model.ts";

/** `stored`: `text` is in the tables, to be sent. Anything else is the caller's to try again, or to tell. */
export type Thought = { readonly kind: "stored"; readonly text: string } | NoAnswer;

export interface NoAnswer extends Omit<Refusal, "reason"> {
  readonly reason: RefusalReason | StopReason;
}

/** Why we, not the provider, made an end of it. Trying again by itself mends none of these. */
export type StopReason =
  | "turns_exhausted"
  | "wall_seconds_exhausted"
  | "tokens_exhausted"
  | "budget_exhausted"
  | "stalled";
