/**
 * The model as a port. `complete` rejects only when `signal` aborts; whatever the provider does wrong comes back as a
 * Refusal. Retrying is the caller's, and recorded; an implementation asks again only when a server refused a request's form.
 */
export interface Model {
  readonly name: string;
  complete(request: ModelRequest, signal: AbortSignal): Promise<Completion | Refusal>;
}

export interface ModelRequest {
  readonly messages: readonly ChatMessage[];
  /** What the model may call; none is offered when empty. */
  readonly tools: readonly ToolDescription[];
  /** The most that may be answered, in tokens; null leaves it to the provider. */
  readonly maxOutputTokens: number | null;
  /** Called with all of the answer's text so far, each time that there is more of it. */
  onText(textSoFar: string): void;
}

export type ChatMessage =
  | { readonly role: "system" | "user"; readonly content: string }
  | { readonly role: "assistant"; readonly content: string; readonly toolCalls: readonly ToolCall[] }
  | { readonly role: "tool"; readonly callId: string; readonly content: string };

export interface ToolDescription {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface Completion {
  readonly kind: "completed";
  readonly content: string;
  readonly toolCalls: readonly ToolCall[];
  /** As the provider counted them; null when it did not say. `cachedTokens` are part of `inputTokens`. */
  readonly inputTokens: number | null;
  readonly cachedTokens: number | null;
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
  /** It was not asked, or refused before any answer began. */
  readonly costsNothing?: true;
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
