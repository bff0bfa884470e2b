/** What one attempt at a message may take at most. */
export interface Limits {
  readonly maxTurns: number;
  readonly maxWallSeconds: number;
  /** In and out, over all turns. */
  readonly maxTokens: number;
  /** Of one turn: servers refuse a request for more than the model can give. */
  readonly maxAnswerTokens: number;
}

/** What an attempt has taken so far; tokens as the provider counted them, or estimated where it did not. */
export interface Used {
  readonly turns: number;
  readonly wallMs: number;
  readonly tokens: number;
}

export interface LimitReached {
  readonly limit: "turns" | "wall_seconds" | "tokens";
  readonly allowed: number;
  readonly used: number;
}

/** With less room than this there is no point in asking. */
const SHORTEST_ANSWER_TOKENS = 64;

/** Which limit forbids another turn, whose input is estimated at `inputTokens`; null when none does. */
export function limitReached(limits: Limits, used: Used, inputTokens: number): LimitReached | null {
  const { maxTurns, maxWallSeconds, maxTokens } = limits;
  const seconds = Math.floor(used.wallMs / 1000);
  if (used.wallMs >= maxWallSeconds * 1000) return { limit: "wall_seconds", allowed: maxWallSeconds, used: seconds };
  if (used.turns >= maxTurns) return { limit: "turns", allowed: maxTurns, used: used.turns };
  if (roomForAnswer(limits, used, inputTokens) >= SHORTEST_ANSWER_TOKENS) return null;
  return { limit: "tokens", allowed: maxTokens, used: used.tokens + inputTokens };
}

/** How many tokens the next turn's answer may have. */
export function roomForAnswer(limits: Limits, used: Used, inputTokens: number): number {
  return Math.min(limits.maxTokens - used.tokens - inputTokens, limits.maxAnswerTokens);
}

/** Which limit it was that cut an answer off; null when it had room left, and the provider made an end of it. */
export function cutByLimit(
  limits: Limits,
  used: Used,
  { inputTokens, outputTokens }: { readonly inputTokens: number; readonly outputTokens: number },
): LimitReached | null {
  if (outputTokens < roomForAnswer(limits, used, inputTokens)) return null;
  const tokens = used.tokens + inputTokens + outputTokens;
  if (tokens >= limits.maxTokens) return { limit: "tokens", allowed: limits.maxTokens, used: tokens };
  return { limit: "tokens", allowed: limits.maxAnswerTokens, used: outputTokens };
}
