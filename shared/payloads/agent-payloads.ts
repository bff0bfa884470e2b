import type { Claimed } from "./claimed.ts";

/** One attempt at a message. */
export interface AgentPayloads {
  "agent.started": {
    readonly chat_id: number;
    readonly task_id: number;
    readonly update_id: number;
    readonly process_id: number;
    readonly attempt: number;
    readonly resumes?: number;
    /** The name alone, as `/status`; what came with it may be private. */
    readonly command?: string;
  };
  /**
   * What the model is shown, in messages, the one to answer included, and estimated tokens. Of those in the window,
   * `used` had room; of these, `cut` were too long to be shown whole.
   */
  "context.assembled": {
    readonly messages_available: number;
    readonly messages_used: number;
    readonly messages_cut: number;
    readonly system_tokens: number;
    readonly history_tokens: number;
    readonly message_tokens: number;
  };
  /** `reserved_usd`: the worst that it can cost, as far as the model's price is known. */
  "turn.started": { readonly model: string; readonly turn: number; readonly reserved_usd?: number };
  "turn.completed": {
    readonly model: string;
    readonly latency_ms: number;
    readonly input_tokens: number | null;
    readonly cached_tokens: number | null;
    readonly output_tokens: number | null;
    readonly finish_reason: string;
    /** Null when the model has no price in prices.json. */
    readonly cost_usd: number | null;
  };
  /** `cost_usd` is 0 when it surely cost nothing, else what was reserved. */
  "turn.failed": {
    readonly model: string;
    readonly latency_ms: number;
    readonly error_class: string;
    readonly error: string;
    readonly cost_usd?: number;
  };
  /** Arguments and output are in history; `digest` is the SHA-256 of the arguments, or of the output. */
  "tool_call.started": { readonly tool_name: string; readonly history_id: number; readonly digest: string };
  "tool_call.completed": {
    readonly tool_name: string;
    readonly history_id: number;
    readonly digest: string;
    readonly latency_ms: number;
  };
  "tool_call.failed": { readonly tool_name: string; readonly error: string; readonly latency_ms: number };
  "control.limit_reached": {
    readonly limit: "turns" | "wall_seconds" | "tokens" | "budget_usd";
    readonly allowed: number;
    readonly used: number;
  };
  "progress.stalled": { readonly reason: "the same call again" | "nothing new"; readonly turns: number };
  "retry.scheduled": {
    readonly task_id: number;
    /** The how manieth retry it will be. */
    readonly retry: number;
    readonly delay_ms: number;
    readonly error_class: string;
  };
  "retry.exhausted": { readonly task_id: number; readonly retries: number; readonly error_class: string };
  /** A worker crashed while it ran alone: it is not tried again by itself. */
  "message.set_aside": Claimed & { readonly task_id: number; readonly exits: readonly number[] };
  /** `draft`: a placeholder that the first part is written into as it comes; `parts` is then not known yet, and 0. */
  "reply.sending": {
    readonly chat_id: number;
    readonly part: number;
    readonly parts: number;
    readonly draft?: true;
    readonly uncertain?: true;
  };
  "reply.sent": {
    readonly chat_id: number;
    readonly message_id: number;
    readonly part: number;
    readonly parts: number;
    readonly draft?: true;
    readonly uncertain?: true;
  };
  /**
   * It surely did not arrive: Telegram refused it, or was not reached. After a `reply.sending` alone it may have. When a
   * draft is "gone", nothing is written into its message any more.
   */
  "reply.failed": {
    readonly chat_id: number;
    readonly part: number;
    readonly parts: number;
    readonly draft?: true;
    readonly error_class:
      | "rate limited"
      | "not sent"
      | "forbidden"
      | "migrated"
      | "refused"
      | "formatting refused"
      | "unauthorised"
      | "gone";
    readonly error?: string;
  };
  "agent.completed": { readonly task_id: number };
  "agent.failed": { readonly task_id: number; readonly error: string; readonly error_class: string };
}
