import { z } from "zod";
import { type Answer, judged, NOTHING_YET, usageSchema } from "./answer.ts";
import type { ServerSentEvent } from "./event-reader.ts";
import { jsonIn } from "./json.ts";
import type { Completion, Refusal, ToolCall } from "./model.ts";
import { problemIn, problemWithin, refusal, refusalOf } from "./refusals.ts";

/** What we rely on of a chunk. Servers leave out what they like: a usage chunk has no choices, Azure's first neither. */
const chunkSchema = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        delta: z
          .object({
            content: z.string().nullish(),
            refusal: z.string().nullish(),
            tool_calls: z
              .array(
                z.object({
                  index: z.int().nullish(),
                  id: z.string().nullish(),
                  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
                }),
              )
              .nullish(),
          })
          .nullish(),
      }),
    )
    .nullish(),
  usage: usageSchema,
});

type Delta = NonNullable<NonNullable<z.infer<typeof chunkSchema>["choices"]>[number]["delta"]>;
type CallDelta = NonNullable<Delta["tool_calls"]>[number];

/** `more`: the answer so far, not yet over. */
export type Joined = { readonly kind: "more"; readonly answer: Answer } | Completion | Refusal;

/** An answer with one more event of its stream. */
export function withEvent(answer: Answer, { name, data }: ServerSentEvent): Joined {
  if (data.trim() === "") return { kind: "more", answer };
  if (data.trim() === "[DONE]") return judged(answer);
  const chunk = jsonIn(data);
  const problem = name === "error" ? problemIn(chunk ?? data, null) : problemWithin(chunk);
  if (problem) {
    const refused = refusalOf(problem);
    return answer === NOTHING_YET ? { ...refused, costsNothing: true } : refused;
  }
  return withChunk(answer, chunk);
}

function withChunk(answer: Answer, chunk: unknown): Joined {
  const parsed = chunkSchema.safeParse(chunk);
  if (!parsed.success) return refusal("malformed", "not a chunk of a completion");
  const { choices, usage } = parsed.data;
  const { delta, finish_reason } = choices?.[0] ?? {};
  const joined = {
    content: answer.content + (delta?.content ?? ""),
    declined: answer.declined || Boolean(delta?.refusal),
    calls: (delta?.tool_calls ?? []).reduce(withCallDelta, answer.calls),
    // Some servers repeat a null, or an empty text, after the reason.
    finishReason: finish_reason || answer.finishReason,
    usage: usage ?? answer.usage,
  };
  return { kind: "more", answer: joined };
}

function withCallDelta(calls: readonly ToolCall[], delta: CallDelta): readonly ToolCall[] {
  const at = placeOf(calls, delta);
  const begun = calls[at] ?? { id: "", name: "", arguments: "" };
  const call = {
    id: begun.id || (delta.id ?? ""),
    name: begun.name || (delta.function?.name ?? ""),
    arguments: begun.arguments + (delta.function?.arguments ?? ""),
  };
  return at === calls.length ? [...calls, call] : calls.with(at, call);
}

/**
 * Which call a delta goes on with, or the place of a new one. By OpenAI's rule the index says so; but some servers send
 * none, or number every call 0, so an id that is not the call's own begins another.
 */
function placeOf(calls: readonly ToolCall[], { index, id }: CallDelta): number {
  const known = id ? calls.findIndex((call) => call.id === id) : -1;
  if (known !== -1) return known;
  const place = Math.min(Math.max(index ?? (id ? calls.length : calls.length - 1), 0), calls.length);
  const isAnothers = Boolean(id && calls[place]?.id);
  return isAnothers ? calls.length : place;
}
