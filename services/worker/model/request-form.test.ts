import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type FakeProvider, never, question, type RequestBody, startFakeProvider, whole } from "./fake-provider.ts";

let provider: FakeProvider;
beforeEach(async () => {
  provider = await startFakeProvider();
});
afterEach(() => provider.close());

/** A server that knows none of these. */
function refusing(...names: readonly string[]): void {
  provider.answer((response, body) => {
    const unknown = names.find((name) => name in body);
    const error = { message: `Unsupported parameter: '${unknown}'.`, param: unknown, code: "unsupported_parameter" };
    response
      .writeHead(unknown === undefined ? 200 : 400, { "content-type": "application/json" })
      .end(JSON.stringify(unknown === undefined ? whole({ content: "hi" }) : { error }));
  });
}

const newNames = (body: RequestBody) => Object.keys(body).filter((key) => key !== "model" && key !== "messages");

test.each([
  [["stream_options"], ["stream"]],
  [["stream_options", "stream"], []],
  [["stream"], []],
])("a server that refuses %j is asked for %j, and never again the other way", async (refused, accepted) => {
  refusing(...refused);
  const model = provider.model();
  for (const _ of [1, 2]) expect(await model.complete(question, never)).toMatchObject({ content: "hi" });
  const bodies = provider.requests.map(({ body }) => newNames(body));
  expect(bodies[0]).toEqual(["stream", "stream_options"]);
  expect(bodies.slice(-2)).toEqual([accepted, accepted]);
});

test("a server that knows the limit by its old name is told it so", async () => {
  refusing("max_completion_tokens");
  const model = provider.model();
  for (const _ of [1, 2]) await model.complete({ ...question, maxOutputTokens: 50 }, never);
  expect(provider.requests.map(({ body }) => [body.max_completion_tokens, body.max_tokens])).toEqual([
    [50, undefined],
    [undefined, 50],
    [undefined, 50],
  ]);
});

test("a form is remembered only once it was answered: what helped nothing is not kept", async () => {
  provider.json(400, { error: { message: "stream is no parameter of this model" } });
  const model = provider.model();
  for (const _ of [1, 2]) expect(await model.complete(question, never)).toMatchObject({ reason: "refused" });
  expect(provider.requests.map(({ body }) => body.stream)).toEqual([true, undefined, true, undefined]);
});

test("a request refused for anything else is not asked again", async () => {
  provider.json(400, { error: { message: "messages: too many", param: "messages" } });
  await provider.model().complete(question, never);
  expect(provider.requests).toHaveLength(1);
});
