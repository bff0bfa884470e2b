import type { Readable } from "node:stream";
import OpenAI from "openai";
import { timeLimit } from "../../../shared/clock.ts";
import { createHttpFetch } from "./http-fetch.ts";
import type { Completion, Model, ModelRequest, Refusal } from "./model.ts";
import { networkDetail } from "./network-detail.ts";
import { readStream, readWhole } from "./read-answer.ts";
import { type ProviderProblem, problemIn, refusal, refusalOf } from "./refusals.ts";
import { formAfter, NEWEST_FORM, requestBody } from "./request-form.ts";
import { retryAfterMs } from "./retry-after.ts";
import { openWire } from "./wire.ts";

export interface OpenAiSettings {
  readonly apiKey: string;
  readonly baseUrl: string;
  /** The names, the one to be asked first in front. */
  readonly models: readonly [string, ...string[]];
  /** For the whole answer, body included: the package's own timeout ends at the headers. */
  readonly timeoutMs: number;
  /** How long a stream may be silent. */
  readonly idleMs: number;
}

/** One Model for each name. */
export function createModels(settings: OpenAiSettings): readonly [Model, ...Model[]] {
  const [first, ...others] = settings.models;
  return [createOpenAiModel(settings, first), ...others.map((name) => createOpenAiModel(settings, name))];
}

/** The openai package as a Model: it sends requests, and what comes back is read here, byte by byte. */
function createOpenAiModel(settings: OpenAiSettings, name: string): Model {
  const http = createHttpFetch();
  const client = createClient(settings, http.fetch);
  // One that hangs is found out before the time for the whole message is up; one that loads a model first is waited for.
  const beginsWithinMs = Math.max(settings.timeoutMs / 2, settings.idleMs);
  let form = NEWEST_FORM;

  async function complete(request: ModelRequest, limited: AbortSignal): Promise<Completion | Refusal> {
    let tried = form;
    for (;;) {
      const asked = await ask(client, requestBody(name, request, tried), beginsWithinMs, limited);
      if (asked.kind === "refused") return asked;
      if (asked.kind === "answered") {
        form = tried;
        const answer = { headers: asked.response.headers, body: http.bodyOf(asked.response) };
        return read(answer, request, { idleMs: settings.idleMs, signal: limited });
      }
      const other = formAfter(tried, asked.problem);
      if (other === null) return { ...refusalOf(asked.problem, asked.retryAfterMs), costsNothing: true };
      tried = other;
    }
  }

  return {
    name,
    async complete(request, signal) {
      const limited = timeLimit(settings.timeoutMs, signal);
      try {
        return await complete(request, limited.signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!limited.signal.aborted) throw error;
        return refusal("timeout", `no whole answer within ${settings.timeoutMs / 1000} s`);
      } finally {
        limited.stop();
      }
    },
  };
}

/** Its own retries are off: each request is one turn in the log. Its log is too: it would quote what people write. */
function createClient({ apiKey, baseUrl: baseURL, timeoutMs: timeout }: OpenAiSettings, fetch: HttpFetch): OpenAI {
  return new OpenAI({ apiKey, baseURL, timeout, maxRetries: 0, logLevel: "off", fetch });
}

type HttpFetch = ReturnType<typeof createHttpFetch>["fetch"];

type Asked =
  | { readonly kind: "answered"; readonly response: Response }
  | { readonly kind: "problem"; readonly problem: ProviderProblem; readonly retryAfterMs: number | null }
  | Refusal;

async function ask(
  client: OpenAI,
  body: ReturnType<typeof requestBody>,
  beginsWithinMs: number,
  signal: AbortSignal,
): Promise<Asked> {
  const silence = timeLimit(beginsWithinMs, signal);
  try {
    const response = await client.chat.completions.create(body, { signal: silence.signal }).asResponse();
    return { kind: "answered", response };
  } catch (error) {
    signal.throwIfAborted();
    if (silence.signal.aborted) return refusal("timeout", `no answer began within ${beginsWithinMs / 1000} s`);
    if (!(error instanceof OpenAI.APIError)) throw error;
    if (error instanceof OpenAI.APIConnectionTimeoutError) return refusal("timeout", networkDetail(error));
    if (error.status === undefined) return { ...refusal("unreachable", networkDetail(error)), costsNothing: true };
    const problem = problemIn(error.error ?? error.message, error.status);
    return { kind: "problem", problem, retryAfterMs: error.headers ? retryAfterMs(error.headers) : null };
  } finally {
    silence.stop();
  }
}

/** What came, whatever was asked for: some servers answer a request for a stream in one piece. */
async function read(
  { headers, body }: { readonly headers: Headers; readonly body: Readable | null },
  { onText }: ModelRequest,
  limits: { readonly idleMs: number; readonly signal: AbortSignal },
): Promise<Completion | Refusal> {
  const type = headers.get("content-type")?.toLowerCase() ?? "";
  if (type.includes("text/html") || !body) return refusal("malformed", "a page instead of a completion");
  const isWhole = type.includes("json");
  const wire = openWire(body, isWhole ? null : limits.idleMs, limits.signal);
  try {
    return await (isWhole ? readWhole(wire, onText) : readStream(wire, onText));
  } finally {
    wire.close();
  }
}
