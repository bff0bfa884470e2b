/**
 * The model as a port. `complete` rejects only when `signal` aborts; whatever the provider does wrong comes back as a
 * Refusal. An implementation makes one request per call: retrying is the caller's, and recorded.
 */
export interface Model {
  readonly name: string;
  complete(messages: readonly ChatMessage[], signal: AbortSignal): Promise<Completion | Refusal>;
}

export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

export interface Completion {
  readonly kind: "completed";
  readonly content: string;
  readonly toolCalls: readonly ToolCall[];
  /** As the provider counted them; null when it did not say. */
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly finishReason: string;
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text, as the model wrote it: not parsed, not trusted. */
  readonly arguments: string;
}

export interface Refusal {
  readonly kind: "refused";
  readonly reason: RefusalReason;
  readonly detail: string;
  /** How long the provider asks to be left alone, null when it did not say. */
  readonly retryAfterMs: number | null;
}

/** Why there is no completion, in words that decide what to do about it. */
export type RefusalReason =
  | "rate_limited"
  | "overloaded"
  | "timeout"
  | "unreachable"
  | "unauthorised"
  | "context_too_long"
  | "refused"
  | "malformed";
