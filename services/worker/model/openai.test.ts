import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type FakeProvider, never, question, startFakeProvider, whole } from "./fake-provider.ts";
import { createModels } from "./openai.ts";

/** The adapter over the real package: what it asks, and what it makes of errors and of answers in one piece. */

let provider: FakeProvider;
beforeEach(async () => {
  provider = await startFakeProvider();
});
afterEach(() => provider.close());

test("a stream with its usage is asked for, with the key; tools and a limit come along when there are any", async () => {
  provider.json(200, whole({ content: "hi" }));
  const model = provider.model();
  await model.complete(question, never);
  const clock = { name: "current_time", description: "the time", parameters: { type: "object" } };
  const called = { id: "t1", name: "current_time", arguments: "{}" };
  const messages = [
    { role: "assistant", content: "", toolCalls: [called] },
    { role: "tool", callId: "t1", content: "12:00" },
  ] as const;
  await model.complete({ ...question, messages, tools: [clock], maxOutputTokens: 100 }, never);
  const streamed = { model: "m", stream: true, stream_options: { include_usage: true } };
  expect(provider.requests.map(({ url, headers, body }) => [url, headers.authorization, body])).toEqual([
    ["/v1/chat/completions", "Bearer the-key", { ...streamed, messages: question.messages }],
    [
      "/v1/chat/completions",
      "Bearer the-key",
      {
        ...streamed,
        messages: [
          {
            role: "assistant",
            content: "",
            tool_calls: [{ id: "t1", type: "function", function: { name: "current_time", arguments: "{}" } }],
          },
          { role: "tool", tool_call_id: "t1", content: "12:00" },
        ],
        tools: [{ type: "function", function: clock }],
        max_completion_tokens: 100,
      },
    ],
  ]);
});

test("an answer in one piece is taken as it comes, though a stream was asked for", async () => {
  const usage = { prompt_tokens: 9, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 4 } };
  provider.json(200, { ...whole({ content: "hi" }), usage });
  const texts: string[] = [];
  const answer = await provider.model().complete({ ...question, onText: (text) => void texts.push(text) }, never);
  expect(answer).toEqual({
    kind: "completed",
    content: "hi",
    toolCalls: [],
    inputTokens: 9,
    cachedTokens: 4,
    outputTokens: 3,
    finishReason: "stop",
  });
  expect(texts).toEqual(["hi"]);
});

test.each([
  ["is missing", {}],
  ["is null", { usage: null }],
  ["is empty", { usage: {} }],
  ["is nonsense", { usage: { prompt_tokens: "many", completion_tokens: -1 } }],
])("when the usage %s, the tokens are unknown, not zero", async (_, usage) => {
  provider.json(200, { ...whole({ content: "hi" }), ...usage });
  expect(await provider.model().complete(question, never)).toMatchObject({
    kind: "completed",
    content: "hi",
    inputTokens: null,
    cachedTokens: null,
    outputTokens: null,
  });
});

test("tool calls come with their arguments as the model wrote them; none is an empty object, and each has an id", async () => {
  const call = { id: "t1", type: "function", function: { name: "current_time", arguments: '{"zone":' } };
  const bare = { function: { name: "recall", arguments: "" } };
  provider.json(200, whole({ content: null, tool_calls: [call, bare] }, "tool_calls"));
  expect(await provider.model().complete(question, never)).toMatchObject({
    kind: "completed",
    content: "",
    toolCalls: [
      { id: "t1", name: "current_time", arguments: '{"zone":' },
      { id: "call_2", name: "recall", arguments: "{}" },
    ],
    finishReason: "tool_calls",
  });
});

test.each([
  ["without choices", { id: "c" }, "malformed"],
  ["with an empty message", whole({ content: " " }), "malformed"],
  ["without a finish_reason", { choices: [{ message: { content: "hi" } }] }, "malformed"],
  ["declined by the model", whole({ content: null, refusal: "I cannot" }), "refused"],
  ["held back by a filter", whole({ content: "" }, "content_filter"), "refused"],
  ["that is an error with status 200", { error: { code: 429, message: "slow down" } }, "rate_limited"],
])("an answer %s is no completion: %j is %s", async (_, body, reason) => {
  provider.json(200, body);
  expect(await provider.model().complete(question, never)).toMatchObject({ kind: "refused", reason });
});

test("a page of HTML with status 200, a body that is not JSON, and no body at all are malformed", async () => {
  const bodies = [
    ["text/html", "<html>hi</html>"],
    ["application/json", '{"choi'],
    ["application/json", ""],
    ["text/plain", "busy"],
  ] as const;
  for (const [type, body] of bodies) {
    provider.answer((response) => void response.writeHead(200, { "content-type": type }).end(body));
    expect(await provider.model().complete(question, never)).toMatchObject({ kind: "refused", reason: "malformed" });
  }
});

test("a body that stalls, of an answer or of an error, ends at the deadline, which covers the whole answer", async () => {
  for (const status of [200, 500]) {
    provider.answer(
      (response) => void response.writeHead(status, { "content-type": "application/json" }).write('{"id":'),
    );
    const answer = await provider.model({ timeoutMs: 200 }).complete(question, never);
    expect(answer).toMatchObject({ kind: "refused", reason: "timeout", detail: "no whole answer within 0.2 s" });
  }
});

test("a server that takes a request and never answers is left at half the deadline", async () => {
  provider.answer(() => {});
  const answer = await provider.model({ timeoutMs: 400, idleMs: 10 }).complete(question, never);
  const detail = "no answer began within 0.2 s";
  expect(answer).toEqual({ kind: "refused", reason: "timeout", detail, retryAfterMs: null });
});

test("what was refused before an answer began costs nothing, what was lost in an answer may", async () => {
  const costsNothing = async () => (await provider.model().complete(question, never)) as { costsNothing?: true };
  for (const status of [400, 402, 404, 429, 500]) {
    provider.answer((response) => void response.writeHead(status).end("{}"));
    expect(await costsNothing()).toMatchObject({ kind: "refused", costsNothing: true });
  }
  provider.stream({ error: { type: "overloaded_error" } });
  expect(await costsNothing()).toMatchObject({ kind: "refused", costsNothing: true });
  const call = { index: 0, id: "t1", function: { name: "recall", arguments: "{" } };
  provider.stream({ choices: [{ delta: { tool_calls: [call] } }] }, { error: { type: "overloaded_error" } });
  expect((await costsNothing()).costsNothing).toBeUndefined();
});

test("a socket lost in mid body, and a server that is not there, are unreachable", async () => {
  provider.answer((response) => {
    response.writeHead(200, { "content-type": "application/json" }).write('{"id":');
    setImmediate(() => response.destroy());
  });
  expect(await provider.model().complete(question, never)).toMatchObject({ kind: "refused", reason: "unreachable" });
  const [gone] = createModels({
    apiKey: "k",
    baseUrl: "http://127.0.0.1:1/v1",
    models: ["m"],
    timeoutMs: 10_000,
    idleMs: 10_000,
  });
  expect(await gone.complete(question, never)).toMatchObject({ kind: "refused", reason: "unreachable" });
});

test("it rejects when it is aborted: before asking, before an answer, and in the midst of one", async () => {
  await expect(provider.model().complete(question, AbortSignal.abort(new Error("before")))).rejects.toThrow("before");
  const stop = new AbortController();
  provider.answer(() => stop.abort(new Error("stopped")));
  await expect(provider.model().complete(question, stop.signal)).rejects.toThrow("stopped");
  for (const type of ["application/json", "text/event-stream"]) {
    const inAnswer = new AbortController();
    provider.answer((response) => {
      response.writeHead(200, { "content-type": type }).write("data: ", () => inAnswer.abort(new Error("in answer")));
    });
    await expect(provider.model().complete(question, inAnswer.signal)).rejects.toThrow("in answer");
  }
});

test("it asks once: trying again is not the adapter's, whatever a header says", async () => {
  provider.json(500, { error: { message: "oops" } }, { "x-should-retry": "true", "retry-after": "7" });
  const answer = await provider.model().complete(question, never);
  expect(answer).toMatchObject({ kind: "refused", reason: "overloaded", detail: "500", retryAfterMs: 7000 });
  expect(provider.requests).toHaveLength(1);
});

test("there is a model for each name, the first one first", async () => {
  const settings = { apiKey: "k", baseUrl: "http://127.0.0.1:1/v1", timeoutMs: 1, idleMs: 1 };
  expect(createModels({ ...settings, models: ["a", "b", "c"] }).map(({ name }) => name)).toEqual(["a", "b", "c"]);
});
