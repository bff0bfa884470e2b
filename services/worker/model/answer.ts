import { z } from "zod";
import type { Completion, Refusal, ToolCall } from "./model.ts";
import { refusal } from "./refusals.ts";

/** What a provider has answered, whole or so far: in one piece, or joined from a stream. */
export interface Answer {
  readonly content: string;
  /** The model said that it will not answer. */
  readonly declined: boolean;
  readonly calls: readonly ToolCall[];
  /** Null until the provider says that this is all. */
  readonly finishReason: string | null;
  readonly usage: Usage | null;
}

export const NOTHING_YET: Answer = { content: "", declined: false, calls: [], finishReason: null, usage: null };

const tokens = z.int().nonnegative().nullish().catch(null);

/** Counted wrongly, or in another shape, is not counted: it spoils no answer. */
export const usageSchema = z
  .object({
    prompt_tokens: tokens,
    completion_tokens: tokens,
    prompt_tokens_details: z.object({ cached_tokens: tokens }).nullish().catch(null),
  })
  .nullish()
  .catch(null);

export type Usage = NonNullable<z.infer<typeof usageSchema>>;

/** What we rely on of a completion in one piece. */
const wholeSchema = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({
          content: z.string().nullish(),
          refusal: z.string().nullish(),
          tool_calls: z
            .array(
              z.object({
                id: z.string().nullish(),
                function: z.object({ name: z.string(), arguments: z.string().nullish() }),
              }),
            )
            .nullish(),
        }),
      }),
    )
    .min(1),
  usage: usageSchema,
});

/** The answer in a completion of one piece; null when it is none. */
export function wholeAnswer(body: unknown): Answer | null {
  const parsed = wholeSchema.safeParse(body);
  const choice = parsed.data?.choices[0];
  if (!choice) return null;
  const calls = (choice.message.tool_calls ?? []).map(({ id, function: called }) => ({
    id: id ?? "",
    name: called.name,
    arguments: called.arguments ?? "",
  }));
  return {
    content: choice.message.content ?? "",
    declined: Boolean(choice.message.refusal),
    calls,
    finishReason: choice.finish_reason || null,
    usage: parsed.data?.usage ?? null,
  };
}

/** What came of an answer to which nothing more will be added. */
export function judged({ content, declined, calls, finishReason, usage }: Answer): Completion | Refusal {
  if (finishReason === null) return refusal("malformed", "the answer ends before its finish_reason");
  if (declined) return refusal("refused", "the model declined");
  if (BROKE_OFF.has(finishReason)) return refusal("overloaded", `the provider broke off: ${finishReason}`);
  if (finishReason === "content_filter") return refusal("refused", "the provider's filter");
  if (calls.some(({ name }) => name === "")) return refusal("malformed", "a tool call without a name");
  if (content.trim() === "" && calls.length === 0) return refusal("malformed", "the answer is empty");
  return {
    kind: "completed",
    content,
    toolCalls: calls.map(withWhatProvidersLeaveOut),
    inputTokens: usage?.prompt_tokens ?? null,
    cachedTokens: usage?.prompt_tokens_details?.cached_tokens ?? null,
    outputTokens: usage?.completion_tokens ?? null,
    finishReason: CUT.has(finishReason) ? "length" : finishReason,
  };
}

/** What providers say in the place of a reason to finish: Mistral, DeepSeek, vLLM. Words that nobody knows do no harm. */
const BROKE_OFF: ReadonlySet<string> = new Set(["error", "abort", "network_error", "insufficient_system_resource"]);
/** And instead of "length". */
const CUT: ReadonlySet<string> = new Set(["max_tokens", "model_length"]);

/** A result is given back under its call's id, and arguments as JSON: some send no id, and no arguments as no text. */
function withWhatProvidersLeaveOut(call: ToolCall, index: number): ToolCall {
  return {
    ...call,
    id: call.id || `call_${index + 1}`,
    arguments: call.arguments.trim() === "" ? "{}" : call.arguments,
  };
}
