import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { delta, eventText, type FakeProvider, never, question, STREAM, startFakeProvider } from "./fake-provider.ts";

let provider: FakeProvider;
beforeEach(async () => {
  provider = await startFakeProvider();
});
afterEach(() => provider.close());

const answer = () => provider.model().complete(question, never);
const END = [delta({}, "stop"), "[DONE]"];
const call = (index: number | undefined, id: string | undefined, called: object) =>
  delta({ tool_calls: [{ index, id, function: called }] });

test("a stream is told as it grows, and ends as a completion with its usage", async () => {
  const usage = { prompt_tokens: 9, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 4 } };
  provider.stream(
    { choices: [], prompt_filter_results: [] },
    delta({ role: "assistant", content: "" }),
    delta({ content: "Grü" }),
    delta({ content: "ße" }),
    delta({}, "stop"),
    { choices: [], usage },
    "[DONE]",
  );
  const texts: string[] = [];
  const completed = await provider.model().complete({ ...question, onText: (text) => void texts.push(text) }, never);
  expect(completed).toEqual({
    kind: "completed",
    content: "Grüße",
    toolCalls: [],
    inputTokens: 9,
    cachedTokens: 4,
    outputTokens: 3,
    finishReason: "stop",
  });
  expect(texts).toEqual(["Grü", "Grüße"]);
});

test("however the network cuts a stream, the text is whole", async () => {
  const bytes = Buffer.from(
    `: keep alive\r\n\r\n${eventText(delta({ content: "Grüße 😀" })).replaceAll("\n", "\r\n")}${END.map(eventText).join("")}`,
  );
  provider.answer(async (response) => {
    response.writeHead(200, STREAM);
    for (const byte of bytes) {
      response.write(Buffer.of(byte));
      await turn();
    }
    response.end();
  });
  expect(await answer()).toMatchObject({ kind: "completed", content: "Grüße 😀" });
});

test("tool calls are joined by their index, beside a text", async () => {
  provider.stream(
    delta({ content: "Let me see." }),
    call(0, "t1", { name: "current_time", arguments: "" }),
    call(0, undefined, { arguments: '{"zo' }),
    call(1, "t2", { name: "recall", arguments: '{"words":' }),
    call(0, undefined, { arguments: 'ne":"UTC"}' }),
    call(1, undefined, { arguments: '"tea"}' }),
    delta({}, "tool_calls"),
    "[DONE]",
  );
  expect(await answer()).toMatchObject({
    content: "Let me see.",
    toolCalls: [
      { id: "t1", name: "current_time", arguments: '{"zone":"UTC"}' },
      { id: "t2", name: "recall", arguments: '{"words":"tea"}' },
    ],
    finishReason: "tool_calls",
  });
});

test.each([
  ["number every call 0", 0],
  ["number none", undefined],
])("servers that %s are understood by the ids", async (_, index) => {
  provider.stream(
    call(index, "t1", { name: "recall", arguments: '{"words":"a"}' }),
    call(index, "t2", { name: "recall", arguments: '{"words":' }),
    call(index, "t2", { arguments: '"b"}' }),
    ...END,
  );
  expect(await answer()).toMatchObject({
    toolCalls: [
      { id: "t1", name: "recall", arguments: '{"words":"a"}' },
      { id: "t2", name: "recall", arguments: '{"words":"b"}' },
    ],
  });
});

test("a stream that says why it ended is whole, also without its last line or with a socket lost after it", async () => {
  provider.stream(delta({ content: "hi" }), delta({}, "length"));
  expect(await answer()).toMatchObject({ kind: "completed", content: "hi", finishReason: "length" });
  provider.answer((response) => {
    response.writeHead(200, STREAM).write([delta({ content: "hi" }), delta({}, "stop")].map(eventText).join(""));
    setImmediate(() => response.destroy());
  });
  expect(await answer()).toMatchObject({ kind: "completed", content: "hi" });
});

test.each([
  ["ends before its finish_reason", [delta({ content: "hi" })], "malformed"],
  ["says DONE before its finish_reason", [delta({ content: "hi" }), "[DONE]"], "malformed"],
  ["says nothing", [delta({ role: "assistant" }), ...END], "malformed"],
  ["has no events", [], "malformed"],
  ["has an event that is not JSON", ["{malformed", ...END], "malformed"],
  ["has an event that is no chunk", [{ choices: "none" }], "malformed"],
  ["calls a tool without a name", [call(0, "t1", { arguments: "{}" }), ...END], "malformed"],
  ["is declined", [delta({ refusal: "I can" }), delta({ refusal: "not" }), ...END], "refused"],
  ["is cut by a filter", [delta({ content: "hi" }), delta({}, "content_filter"), "[DONE]"], "refused"],
  ["ends because its provider broke off", [delta({ content: "hi" }, "error"), "[DONE]"], "overloaded"],
  ["ends because its provider has no room", [delta({}, "insufficient_system_resource"), "[DONE]"], "overloaded"],
  ["has an error in its choice", [{ choices: [{ error: { code: 502 }, delta: {} }] }, ...END], "overloaded"],
  ["turns into an error", [delta({ content: "hi" }), { error: { type: "server_error" } }], "overloaded"],
  ["turns into a long context", [{ error: { code: "context_length_exceeded" } }], "context_too_long"],
])("a stream that %s is no completion", async (_, events, reason) => {
  provider.stream(...events);
  expect(await answer()).toMatchObject({ kind: "refused", reason });
});

test("an answer that was cut is known as such, whatever its provider calls that", async () => {
  provider.stream(delta({ content: "hi" }, "model_length"), "[DONE]");
  expect(await answer()).toMatchObject({ kind: "completed", finishReason: "length" });
});

test("an event named error is one, whatever it holds", async () => {
  provider.answer(
    (response) => void response.writeHead(200, STREAM).end('event: error\ndata: {"type":"rate_limit_error"}\n\n'),
  );
  expect(await answer()).toMatchObject({ reason: "rate_limited" });
});

test("a socket lost in the midst of a stream is unreachable, not a short answer", async () => {
  provider.answer((response) => {
    response.writeHead(200, STREAM).write(`${eventText(delta({ content: "hi" }))}data: {"cho`);
    setImmediate(() => response.destroy());
  });
  expect(await answer()).toMatchObject({ kind: "refused", reason: "unreachable" });
});

test("a stream that falls silent ends long before the deadline; one that trickles goes on beyond its silence", async () => {
  provider.answer((response) => void response.writeHead(200, STREAM).write(eventText(delta({ content: "hi" }))));
  const silent = await provider.model({ idleMs: 100 }).complete(question, never);
  expect(silent).toEqual({
    kind: "refused",
    reason: "timeout",
    detail: "not a byte for 0.1 s",
    retryAfterMs: null,
  });
  provider.answer((response) => {
    const pieces = [
      ...Array.from({ length: 10 }, () => ": waiting\n\n"),
      ...[delta({ content: "hi" }), ...END].map(eventText),
    ];
    response.writeHead(200, STREAM);
    const ticking = setInterval(() => {
      const piece = pieces.shift();
      if (piece !== undefined) return void response.write(piece);
      clearInterval(ticking);
      response.end();
    }, 100);
  });
  expect(await provider.model({ idleMs: 1000 }).complete(question, never)).toMatchObject({ content: "hi" });
});

test("a server that sends without end is cut off", async () => {
  const comment = `:${"x".repeat(1024 * 1024)}\n`;
  provider.answer((response) => {
    response.writeHead(200, STREAM);
    const more = () => {
      while (!response.destroyed && response.write(comment));
    };
    response.on("drain", more);
    more();
  });
  expect(await answer()).toMatchObject({ kind: "refused", reason: "malformed" });
});
