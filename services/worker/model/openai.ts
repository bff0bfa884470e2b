import OpenAI from "openai";
import { z } from "zod";
import { deadline } from "../../../shared/clock.ts";
import type { ChatMessage, Completion, Model, Refusal, RefusalReason } from "./model.ts";

export interface OpenAiSettings {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly model: string;
  /** For the whole answer, body included: the package's own timeout ends at the headers. */
  readonly timeoutMs: number;
}

/** What we rely on of an answer; some servers leave out `usage`, and a page of HTML can come with status 200. */
const answerSchema = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string(),
        message: z.object({
          content: z.string().nullish(),
          refusal: z.string().nullish(),
          tool_calls: z
            .array(z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) }))
            .nullish(),
        }),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: z.int().nullish(), completion_tokens: z.int().nullish() }).nullish(),
});

/** The openai package as a Model. Its own retries are off: each request is one turn in the log. */
export function createOpenAiModel(settings: OpenAiSettings): Model {
  const client = new OpenAI({ apiKey: settings.apiKey, baseURL: settings.baseUrl, maxRetries: 0 });
  return {
    name: settings.model,
    async complete({ messages }, signal) {
      const limited = deadline(settings.timeoutMs, signal);
      try {
        return toCompletion(await request(client, settings, messages, limited));
      } catch (error) {
        signal.throwIfAborted();
        if (limited.aborted) return refusal("timeout", `no whole answer within ${settings.timeoutMs / 1000} s`);
        return toRefusal(error);
      }
    },
  };
}

function request(client: OpenAI, settings: OpenAiSettings, messages: readonly ChatMessage[], signal: AbortSignal) {
  const body = { model: settings.model, messages: messages.map(toMessage) };
  return client.chat.completions.create(body, { signal, timeout: settings.timeoutMs });
}

function toMessage(message: ChatMessage): OpenAI.ChatCompletionMessageParam {
  if (message.role === "tool") return { role: "tool", tool_call_id: message.callId, content: message.content };
  if (message.role !== "assistant") return message;
  const tool_calls = message.toolCalls.map(({ id, ...called }) => ({
    id,
    type: "function" as const,
    function: called,
  }));
  return { role: "assistant", content: message.content, ...(tool_calls.length > 0 ? { tool_calls } : {}) };
}

function toCompletion(answer: unknown): Completion | Refusal {
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) return refusal("malformed", `not a chat completion: ${z.prettifyError(parsed.error)}`);
  const choice = parsed.data.choices[0];
  const { content, refusal: declined, tool_calls: calls } = choice?.message ?? {};
  if (declined || choice?.finish_reason === "content_filter")
    return refusal("refused", declined ? "the model declined" : "the provider's filter");
  if (!content?.trim() && !calls?.length) return refusal("malformed", "the answer is empty");
  return {
    kind: "completed",
    content: content ?? "",
    toolCalls: (calls ?? []).map(({ id, function: called }) => ({ id, ...called })),
    inputTokens: parsed.data.usage?.prompt_tokens ?? null,
    cachedTokens: null,
    outputTokens: parsed.data.usage?.completion_tokens ?? null,
    finishReason: choice?.finish_reason ?? "",
  };
}

function toRefusal(error: unknown): Refusal {
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof OpenAI.APIConnectionTimeoutError) return refusal("timeout", detail);
  if (error instanceof OpenAI.APIError && error.status !== undefined) {
    // Not the message: it may quote what people wrote, and it goes into the log.
    const answered = [error.status, error.code, error.type].filter(Boolean).join(" ");
    return refusal(reasonFor(error.status, error.code), answered, retryAfter(error.headers?.get("retry-after")));
  }
  if (error instanceof SyntaxError) return refusal("malformed", detail); // the body is not JSON
  return refusal("unreachable", detail); // no answer, or a socket lost in its middle: a bare TypeError
}

function reasonFor(status: number, code: string | null | undefined): RefusalReason {
  if (code === "context_length_exceeded" || status === 413) return "context_too_long";
  if (status === 401 || status === 403) return "unauthorised";
  if (status === 429) return "rate_limited";
  if (status === 408) return "timeout";
  return status >= 500 ? "overloaded" : "refused";
}

/** Seconds, or an HTTP date (RFC 9110, 10.2.3); only the seconds are used in practice. */
function retryAfter(header: string | null | undefined): number | null {
  const seconds = Number(header ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : null;
}

function refusal(reason: RefusalReason, detail: string, retryAfterMs: number | null = null): Refusal {
  return { kind: "refused", reason, detail, retryAfterMs };
}
