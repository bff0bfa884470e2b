import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Model, ModelRequest } from "./model.ts";
import { createOpenAiModel } from "./openai.ts";

/** The adapter over the real package, against a server that answers whatever a test says. */

let server: Server;
let respond: (request: IncomingMessage, response: ServerResponse, body: string) => void;
let requests: {
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly body: unknown;
}[];
beforeEach(async () => {
  requests = [];
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    requests.push({ url: request.url, authorization: request.headers.authorization, body: JSON.parse(body) });
    respond(request, response, body);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterEach(async () => {
  server.closeAllConnections();
  await once(server.close(), "close");
});

const never = new AbortController().signal;
const messages = [{ role: "user", content: "hello" }] as const;
const question: ModelRequest = { messages, tools: [], maxOutputTokens: null, onText: () => {} };
const model = (timeoutMs = 10_000): Model =>
  createOpenAiModel({
    apiKey: "the-key",
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    model: "m",
    timeoutMs,
  });
const json = (status: number, answer: unknown, headers: Record<string, string> = {}) => {
  respond = (_, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(answer));
  };
};
const answer = (message: object, finish_reason = "stop") => ({
  id: "c",
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason }],
});

test("a completion carries its content and the tokens that the provider counted", async () => {
  json(200, { ...answer({ content: "hi" }), usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 } });
  expect(await model().complete(question, never)).toEqual({
    kind: "completed",
    content: "hi",
    toolCalls: [],
    inputTokens: 9,
    cachedTokens: null,
    outputTokens: 3,
    finishReason: "stop",
  });
  expect(requests).toEqual([
    { url: "/v1/chat/completions", authorization: "Bearer the-key", body: { model: "m", messages } },
  ]);
});

test.each([
  ["is missing", {}],
  ["is null", { usage: null }],
  ["is empty", { usage: {} }],
])("when the usage %s, the tokens are unknown, not zero", async (_, usage) => {
  json(200, { ...answer({ content: "hi" }), ...usage });
  expect(await model().complete(question, never)).toMatchObject({
    kind: "completed",
    content: "hi",
    inputTokens: null,
    outputTokens: null,
  });
});

test("tool calls come with their arguments as the model wrote them", async () => {
  const call = { id: "t1", type: "function", function: { name: "current_time", arguments: '{"zone":' } };
  json(200, answer({ content: null, tool_calls: [call] }, "tool_calls"));
  expect(await model().complete(question, never)).toMatchObject({
    kind: "completed",
    content: "",
    toolCalls: [{ id: "t1", name: "current_time", arguments: '{"zone":' }],
    finishReason: "tool_calls",
  });
});

test.each([
  [401, { error: { message: "bad key" } }, "unauthorised"],
  [403, { error: { message: "not yours" } }, "unauthorised"],
  [408, { error: { message: "too slow" } }, "timeout"],
  [429, { error: { message: "slow down" } }, "rate_limited"],
  [500, { error: { message: "oops" } }, "overloaded"],
  [503, { error: { message: "busy" } }, "overloaded"],
  [400, { error: { message: "too long", code: "context_length_exceeded" } }, "context_too_long"],
  [400, { error: { message: "what?" } }, "refused"],
])("status %i with %j is a refusal: %s", async (status, error, reason) => {
  json(status, error);
  expect(await model().complete(question, never)).toMatchObject({ kind: "refused", reason, retryAfterMs: null });
  expect(requests).toHaveLength(1); // retrying is not the adapter's
});

test("the provider's wish to be left alone comes along", async () => {
  json(429, { error: { message: "slow down" } }, { "retry-after": "7" });
  expect(await model().complete(question, never)).toMatchObject({ reason: "rate_limited", retryAfterMs: 7000 });
});

test.each([
  ["without choices", { id: "c" }],
  ["with an empty message", answer({ content: " " })],
  ["without a finish_reason", { choices: [{ message: { content: "hi" } }] }],
])("an answer %s is malformed", async (_, body) => {
  json(200, body);
  expect(await model().complete(question, never)).toMatchObject({ kind: "refused", reason: "malformed" });
});

test.each([
  ["that says so", answer({ content: null, refusal: "I cannot" })],
  ["by a filter", answer({ content: "" }, "content_filter")],
])("an answer refused %s is a refusal", async (_, body) => {
  json(200, body);
  expect(await model().complete(question, never)).toMatchObject({ kind: "refused", reason: "refused" });
});

test("a page of HTML with status 200 is malformed, and a body that is not JSON too", async () => {
  respond = (_, response) => void response.writeHead(200, { "content-type": "text/html" }).end("<html>hi</html>");
  expect(await model().complete(question, never)).toMatchObject({ reason: "malformed" });
  respond = (_, response) => void response.writeHead(200, { "content-type": "application/json" }).end('{"choi');
  expect(await model().complete(question, never)).toMatchObject({ kind: "refused", reason: "malformed" });
});

test("a body that stalls ends at the deadline, which covers the whole answer", async () => {
  respond = (_, response) => void response.writeHead(200, { "content-type": "application/json" }).write('{"id":');
  expect(await model(200).complete(question, never)).toMatchObject({ kind: "refused", reason: "timeout" });
});

test("a socket lost in mid body, and a server that is not there, are unreachable", async () => {
  respond = (_, response) => {
    response.writeHead(200, { "content-type": "application/json" }).write('{"id":');
    setImmediate(() => response.destroy());
  };
  expect(await model().complete(question, never)).toMatchObject({ kind: "refused", reason: "unreachable" });
  const gone = createOpenAiModel({ apiKey: "k", baseUrl: "http://127.0.0.1:1/v1", model: "m", timeoutMs: 10_000 });
  expect(await gone.complete(question, never)).toMatchObject({ kind: "refused", reason: "unreachable" });
});

test("it rejects only when it is aborted, and then at once", async () => {
  const stop = new AbortController();
  respond = () => stop.abort(new Error("stopped"));
  await expect(model().complete(question, stop.signal)).rejects.toThrow("stopped");
});
