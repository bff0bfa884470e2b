import type { Kind } from "./numbered.ts";

/**
 * Where a worker is killed, as it can be seen from outside, in the order in which a message passes them; and the question
 * that makes a worker come by there.
 */
export const BOUNDARIES = {
  "at its start": "plain",
  "at a random moment": "plain",
  /** The poll was answered, and the worker is frozen before it can read that. */
  "before commit": "plain",
  "after commit": "plain",
  "mid turn": "plain",
  "mid stream": "slow",
  "mid tool call": "tool",
  "mid draft edit": "slow",
  /** Within milliseconds of the model's answer. */
  "after the turn": "plain",
  "sending, not taken": "plain",
  "taken, answer withheld": "plain",
  "between parts": "long",
} as const satisfies Readonly<Record<string, Kind>>;

export type Boundary = keyof typeof BOUNDARIES;

export const ALL_BOUNDARIES = Object.keys(BOUNDARIES) as [Boundary, ...Boundary[]];
