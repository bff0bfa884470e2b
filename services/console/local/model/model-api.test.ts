import { afterEach, beforeEach, expect, test } from "@jest/globals";
import OpenAI from "openai";
import { createFakeClock } from "../../../../shared/fake-clock.ts";
import { type TemporaryConsole, temporaryConsole } from "../../temporary-console.ts";

let local: TemporaryConsole;
let openai: OpenAI;
beforeEach(async () => {
  local = temporaryConsole();
  openai = new OpenAI({ apiKey: "any", baseURL: `${await local.serve(local.local)}/v1`, maxRetries: 0 });
});
afterEach(() => local.remove());

const user = (content: string) => ({ role: "user", content }) as const;
const tools = [{ type: "function", function: { name: "clock", parameters: {} } }] as const;

test("a completion quotes the last message, tells its context and counts tokens by bytes", async () => {
  const request = { model: "some-model", messages: [{ role: "system", content: "Be brief." } as const, user("Grüße")] };
  const completion = await openai.chat.completions.create(request);
  const content =
    "You wrote: “Grüße”\n\nI am the local stand-in model and saw 2 messages of context. Say “help” for what I can do.";
  const written = Math.ceil(Buffer.byteLength(content) / 4);
  expect(completion).toMatchObject({
    object: "chat.completion",
    model: "some-model",
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
    usage: { prompt_tokens: 4, completion_tokens: written, total_tokens: 4 + written },
  });
  expect((await openai.chat.completions.create(request)).id).toBe(completion.id);
});

test("a stream brings the same text in pieces, its end, and the usage when asked for", async () => {
  const request = { model: "m", messages: [user("say 3 words")] };
  const stream = await openai.chat.completions.create({
    ...request,
    stream: true,
    stream_options: { include_usage: true },
  });
  const pieces: string[] = [];
  const ends: unknown[] = [];
  for await (const chunk of stream) {
    const choice = chunk.choices[0];
    if (choice?.delta.content) pieces.push(choice.delta.content);
    if (choice?.finish_reason || chunk.usage) ends.push(choice?.finish_reason ?? chunk.usage);
  }
  expect(pieces).toEqual(["word1 ", "word2 ", "word3"]);
  expect(ends).toEqual(["stop", { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 }]);

  const unasked = await openai.chat.completions.create({ ...request, stream: true });
  for await (const chunk of unasked) expect(chunk).not.toHaveProperty("usage");
});

test("what is said slowly comes a word each 150 ms", async () => {
  const clock = createFakeClock(0);
  const slow = temporaryConsole({ clock });
  const client = new OpenAI({ apiKey: "any", baseURL: `${await slow.serve(slow.local)}/v1`, maxRetries: 0 });
  const messages = [user("slowly say 3 words")];
  const words: string[] = [];
  for await (const { choices } of await client.chat.completions.create({ model: "m", messages, stream: true })) {
    if (choices[0]?.delta.content) words.push(`${choices[0].delta.content.trim()} at ${clock.now()}`);
    await clock.asleep();
    clock.advance(150);
  }
  expect(words).toEqual(["word1 at 150", "word2 at 300", "word3 at 450"]);
  await slow.remove();
});

test("a tool is called when the person says so, streamed alike, and its output is told", async () => {
  const request = { model: "m", messages: [user('use clock {"zone":"UTC"}')], tools: [...tools] };
  const { choices } = await openai.chat.completions.create(request);
  const call = choices[0]?.message.tool_calls?.[0];
  expect(choices[0]).toMatchObject({
    finish_reason: "tool_calls",
    message: {
      content: null,
      tool_calls: [{ type: "function", function: { name: "clock", arguments: '{"zone":"UTC"}' } }],
    },
  });
  const streamed = await openai.chat.completions.stream(request).finalChatCompletion();
  expect(streamed.choices[0]?.message.tool_calls?.[0]).toMatchObject({ id: call?.id, function: { name: "clock" } });
  const output = { role: "tool", tool_call_id: "call_1", content: "12:00" } as const;
  const told = await openai.chat.completions.create({ ...request, messages: [...request.messages, output] });
  expect(told.choices[0]?.message.content).toBe("The tool answered: “12:00”");
});

test("a request without a key, or with a body that is none, is refused in OpenAI's shape", async () => {
  const post = async (headers: Record<string, string>, body: string) => {
    const response = await local.local.request("/v1/chat/completions", { method: "POST", headers, body });
    return [response.status, await response.json()];
  };
  expect(await post({}, "{}")).toMatchObject([
    401,
    { error: { type: "invalid_request_error", code: "invalid_api_key" } },
  ]);
  expect(await post({ Authorization: "Bearer x" }, "{")).toMatchObject([
    400,
    { error: { type: "invalid_request_error" } },
  ]);
  expect(await post({ Authorization: "Bearer x" }, '{"model":"m","messages":[]}')).toMatchObject([
    400,
    { error: { message: expect.stringMatching(/messages/) } },
  ]);
  await expect(openai.chat.completions.create({ model: "", messages: [user("x")] })).rejects.toMatchObject({
    status: 400,
  });
  expect((await openai.models.list()).data).toMatchObject([{ id: "local", object: "model" }]);
});

test("a quotation never cuts a character in half", async () => {
  const { choices } = await openai.chat.completions.create({ model: "m", messages: [user("😀".repeat(1000))] });
  expect(choices[0]?.message.content).toMatch(/“(😀){280}…”/u);
});
