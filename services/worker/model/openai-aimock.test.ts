import { type FixtureOpts, LLMock } from "@copilotkit/aimock";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { never, question } from "./fake-provider.ts";
import { createModels, type OpenAiSettings } from "./openai.ts";

/** The adapter against a peer that others keep true to OpenAI's wire, with every fault that it can inject. */

let peer: LLMock;
beforeEach(async () => {
  peer = new LLMock({ chunkSize: 5 });
  await peer.start();
});
afterEach(() => peer.stop());

const complete = (given: Partial<OpenAiSettings> = {}, onText: (text: string) => void = () => {}) => {
  const limits = { timeoutMs: 10_000, idleMs: 10_000 };
  const [model] = createModels({ apiKey: "k", baseUrl: `${peer.url}/v1`, models: ["gpt-5-mini"], ...limits, ...given });
  return model.complete({ ...question, onText }, never);
};
const says = (opts: FixtureOpts = {}) => peer.onMessage("hello", { content: "Hello, how are you today?" }, opts);

test("its stream arrives piece by piece, with the tokens it counts", async () => {
  peer.onMessage("hello", { content: "Hello, how are you?", usage: { prompt_tokens: 12, completion_tokens: 7 } });
  const texts: string[] = [];
  expect(await complete({}, (text) => void texts.push(text))).toEqual({
    kind: "completed",
    content: "Hello, how are you?",
    toolCalls: [],
    inputTokens: 12,
    cachedTokens: null,
    outputTokens: 7,
    finishReason: "stop",
  });
  expect(texts).toEqual(["Hello", "Hello, how", "Hello, how are ", "Hello, how are you?"]);
});

test("its tool calls arrive whole, several at once and beside a text", async () => {
  const toolCalls = [
    { id: "t1", name: "current_time", arguments: '{"zone":"Europe/Berlin"}' },
    { id: "t2", name: "recall", arguments: '{"words":"tea"}' },
  ];
  peer.onMessage("hello", { content: "Let me see.", toolCalls });
  expect(await complete()).toMatchObject({ content: "Let me see.", toolCalls, finishReason: "tool_calls" });
});

test("a model that reasons first is waited for, and only its answer is told", async () => {
  peer.onMessage("hello", { content: "Hi.", reasoning: "They greet me." });
  expect(await complete()).toMatchObject({ content: "Hi." });
});

test.each([
  [401, { message: "Incorrect API key", code: "invalid_api_key" }, "unauthorised", null],
  [429, { message: "Rate limit reached", type: "rate_limit_error" }, "rate_limited", 1000],
  [429, { message: "Quota exceeded", code: "insufficient_quota" }, "refused", 1000],
  [400, { message: "Too long", code: "context_length_exceeded" }, "context_too_long", null],
  [404, { message: "No such model", code: "model_not_found" }, "refused", null],
  [500, { message: "Internal error", type: "server_error" }, "overloaded", null],
  [503, { message: "Overloaded", type: "server_error" }, "overloaded", null],
])("its error %i %j is %s", async (status, error, reason, retryAfterMs) => {
  says();
  peer.nextRequestError(status, error);
  expect(await complete()).toMatchObject({ kind: "refused", reason, retryAfterMs });
  expect(await complete()).toMatchObject({ kind: "completed" });
});

test("it says for how long to leave it alone", async () => {
  peer.onMessage("hello", { error: { message: "slow down" }, status: 429, retryAfter: 30 });
  expect(await complete()).toMatchObject({ reason: "rate_limited", retryAfterMs: 30_000 });
});

test.each([
  ["drops a request", { dropRate: 1 }, "overloaded"],
  ["answers with what is not JSON", { malformedRate: 1 }, "malformed"],
  ["limits the rate", { rateLimitRate: 1 }, "rate_limited"],
  ["disconnects", { disconnectRate: 1 }, "unreachable"],
])("when it %s, that is told as what it is", async (_, chaos, reason) => {
  says({ chaos });
  expect(await complete()).toMatchObject({ kind: "refused", reason });
});

test.each([
  ["after a chunk", { truncateAfterChunks: 1 }],
  ["after some chunks", { truncateAfterChunks: 3 }],
  ["after some milliseconds", { latency: 20, disconnectAfterMs: 50 }],
])("a stream that it cuts %s is not taken for a short answer", async (_, cut) => {
  says(cut);
  expect(await complete()).toMatchObject({ kind: "refused", reason: "unreachable" });
});

test("slow chunks are waited for, as long as there are chunks", async () => {
  says({ latency: 40 });
  expect(await complete({ idleMs: 2000 })).toMatchObject({ kind: "completed" });
  peer.clearFixtures();
  says({ chunkSize: 30, streamingProfile: { ttft: 0, tps: 4 } });
  expect(await complete({ idleMs: 50 })).toMatchObject({ reason: "timeout" });
});

test("what it takes too long for ends at the deadline", async () => {
  says({ chaos: { latencyMs: 1000 } });
  expect(await complete({ timeoutMs: 100 })).toMatchObject({ reason: "timeout" });
});

test("as OpenRouter it keeps the line alive with comments, and counts what was cached", async () => {
  const usage = { prompt_tokens: 12, completion_tokens: 7, prompt_tokens_details: { cached_tokens: 8 } };
  peer.onMessage("hello", { content: "Hi.", usage }, { openRouterProcessing: true });
  const completed = await complete({ baseUrl: `${peer.url}/api/v1` });
  expect(completed).toMatchObject({ content: "Hi.", inputTokens: 12, cachedTokens: 8, outputTokens: 7 });
});

test("its errors as OpenRouter, whose codes are numbers, are told as what they are", async () => {
  peer.onMessage("hello", { error: { message: "Provider returned error" }, status: 502 });
  expect(await complete({ baseUrl: `${peer.url}/api/v1` })).toMatchObject({ reason: "overloaded" });
});
