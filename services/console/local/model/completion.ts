import { createHash } from "node:crypto";
import { type ModelAnswer, textIn } from "./answer.ts";
import type { ChatRequest } from "./request.ts";
import type { LocalToolCall } from "./tool-calls.ts";

/** The shapes of https://platform.openai.com/docs/api-reference/chat, for an answer that is already known. */

/** @param created Unix seconds */
export function completion(request: ChatRequest, answer: ModelAnswer, created: number): Record<string, unknown> {
  const message = { role: "assistant", refusal: null, ...delta(request, answer) };
  return {
    ...head(request, created),
    object: "chat.completion",
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason(answer) }],
    usage: usage(request, answer),
  };
}

/** The chunks of a stream, in order, without the closing [DONE]. */
export function chunks(request: ChatRequest, answer: ModelAnswer, created: number): Record<string, unknown>[] {
  const isUsageWanted = request.stream_options?.include_usage === true;
  const begin = head(request, created); // once: its id is a digest of all that was said
  const chunk = (delta: object, reason: string | null = null) => ({
    ...begin,
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }],
    ...(isUsageWanted ? { usage: null } : {}),
  });
  const pieces =
    answer.kind === "text" ? wordsIn(answer.text).map((content) => ({ content })) : [streamedDelta(request, answer)];
  return [
    chunk({ role: "assistant", content: answer.kind === "text" ? "" : null }),
    ...pieces.map((piece) => chunk(piece)),
    chunk({}, finishReason(answer)),
    ...(isUsageWanted ? [{ ...chunk({}), choices: [], usage: usage(request, answer) }] : []),
  ];
}

/** How long the whole answer takes to be written. */
export function writingMs(answer: ModelAnswer): number {
  return answer.kind === "text" ? wordsIn(answer.text).length * answer.paceMs : 0;
}

/** With the space around them: together they are the text. */
function wordsIn(text: string): readonly string[] {
  return text.match(/\s*\S+\s*/g) ?? [];
}

function head(request: ChatRequest, created: number) {
  return { id: `chatcmpl-${digest(request)}`, created, model: request.model, system_fingerprint: "fp_local" };
}

function delta(request: ChatRequest, answer: ModelAnswer) {
  return answer.kind === "text" ? { content: answer.text } : { content: null, tool_calls: [toolCall(request, answer)] };
}

function streamedDelta(request: ChatRequest, answer: LocalToolCall) {
  return { tool_calls: [{ index: 0, ...toolCall(request, answer) }] };
}

function toolCall(request: ChatRequest, { name, input }: LocalToolCall) {
  return { id: `call_${digest(request)}`, type: "function", function: { name, arguments: input } };
}

function finishReason(answer: ModelAnswer): string {
  return answer.kind === "text" ? "stop" : "tool_calls";
}

/** The same request has the same id: nothing here is left to chance. */
function digest(request: ChatRequest): string {
  return createHash("sha256").update(JSON.stringify(request.messages)).digest("hex").slice(0, 24);
}

function usage(request: ChatRequest, answer: ModelAnswer) {
  const prompt = tokens(request.messages.map(textIn).join(""));
  const written = tokens(answer.kind === "text" ? answer.text : `${answer.name}${answer.input}`);
  return { prompt_tokens: prompt, completion_tokens: written, total_tokens: prompt + written };
}

/** An estimate, and the same every time: real tokenizers come near four bytes a token in English. */
function tokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4);
}
