import { z } from "zod";
import type { Refusal, RefusalReason } from "./model.ts";

/** What a provider says went wrong. */
export interface ProviderProblem {
  /** The HTTP status, or null when the problem came inside an answer that began well. */
  readonly status: number | null;
  readonly code: string | null;
  readonly type: string | null;
  /** All of what it said, for recognising only: it may quote what people wrote, or a key. */
  readonly said: string;
}

const word = z.union([z.string(), z.number()]).nullish().catch(null);
const problemSchema = z.object({ code: word, type: word });

/** What went wrong, if a body of status 200, or an event of a stream, holds an error; OpenRouter's is in the choice. */
export function problemWithin(body: unknown): ProviderProblem | null {
  const error = errorIn(body) || errorIn(firstChoiceOf(body));
  return error ? problemIn(error, null) : null;
}

function errorIn(part: unknown): unknown {
  return typeof part === "object" && part !== null && "error" in part ? part.error : null;
}

function firstChoiceOf(body: unknown): unknown {
  const choices = typeof body === "object" && body !== null && "choices" in body ? body.choices : null;
  return Array.isArray(choices) ? choices[0] : null;
}

/** @param body of a response with that status, or the error object inside an answer */
export function problemIn(body: unknown, status: number | null): ProviderProblem {
  const inner = typeof body === "object" && body !== null && "error" in body ? body.error : body;
  const { code, type } = problemSchema.safeParse(inner).data ?? {};
  return {
    status: status ?? statusIn(code),
    code: code == null ? null : String(code),
    type: type == null ? null : String(type),
    said: typeof body === "string" ? body : (JSON.stringify(body) ?? ""),
  };
}

/** OpenRouter, Gemini and others answer 200 and put the status into the error's code. */
function statusIn(code: unknown): number | null {
  const status = Number(code);
  return status >= 400 && status < 600 ? status : null;
}

export function refusalOf(problem: ProviderProblem, retryAfterMs: number | null = null): Refusal {
  const told = [problem.status, problem.code, problem.type].map(String).filter((text) => WORD.test(text));
  const detail = [...new Set(told)].filter((text) => text !== "null").join(" ");
  return refusal(reasonFor(problem), detail || "the provider named no reason", retryAfterMs);
}

/** A code of a protocol, not a sentence: only this goes into the log. */
const WORD = /^[a-z0-9_.-]{1,64}$/i;

export function refusal(reason: RefusalReason, detail: string, retryAfterMs: number | null = null): Refusal {
  return { kind: "refused", reason, detail, retryAfterMs };
}

function reasonFor(problem: ProviderProblem): RefusalReason {
  const named = `${problem.code} ${problem.type}`;
  // Paid for no more: it comes as a 429, but waiting mends nothing.
  if (/insufficient_(quota|balance|credits)|billing/.test(named)) return "refused";
  if (isTooLong(problem, named)) return "context_too_long";
  return problem.status === null ? reasonForName(named) : reasonForStatus(problem.status);
}

const TOO_LONG_NAMED = /context_length_exceeded|exceed_context_size/;
/** In the words of vLLM, llama.cpp, Ollama, Anthropic and Gemini, which have no code for it. */
const TOO_LONG_SAID =
  /(maximum|model's|available|exceed\w*).{0,40}context (length|window|size)|context (length|window|size).{0,40}exceed|(prompt|input) is too long|input token count.{0,40}exceeds/i;

function isTooLong({ status, said }: ProviderProblem, named: string): boolean {
  if (status === 413 || TOO_LONG_NAMED.test(named)) return true;
  const isClients = status === null || status === 400 || status === 422;
  return isClients && TOO_LONG_SAID.test(said);
}

function reasonForStatus(status: number): RefusalReason {
  if (status === 401 || status === 403) return "unauthorised";
  if (status === 429) return "rate_limited";
  if (status === 408) return "timeout";
  // 409 is a lock that was not had in time, 425 "too early".
  return status >= 500 || status === 409 || status === 425 ? "overloaded" : "refused";
}

function reasonForName(named: string): RefusalReason {
  if (/rate_?limit|too_many_requests|resource_exhausted/i.test(named)) return "rate_limited";
  if (/auth|permission|api_key/i.test(named)) return "unauthorised";
  if (/timeout|deadline/i.test(named)) return "timeout";
  if (/invalid|not_found|content_(filter|policy)/i.test(named)) return "refused";
  return "overloaded"; // what breaks off in mid answer is the provider's own trouble
}
