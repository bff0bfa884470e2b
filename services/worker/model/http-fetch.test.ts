import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import {
  delta,
  eventText,
  type FakeProvider,
  never,
  question,
  STREAM,
  startFakeProvider,
  whole,
} from "./fake-provider.ts";

let provider: FakeProvider;
beforeEach(async () => {
  provider = await startFakeProvider();
});
afterEach(() => provider.close());

const STREAMED = [delta({ content: "hi" }), delta({}, "stop"), "[DONE]"].map(eventText).join("");

test("an answer's connection is used again, also when its end comes after all that is read of it", async () => {
  const connections = new Set<ServerResponse["socket"]>();
  const ended: Promise<void>[] = [];
  provider.answer((response) => {
    connections.add(response.socket);
    response.writeHead(200, STREAM).write(STREAMED);
    ended.push(new Promise((resolve) => setImmediate(() => response.end(resolve))));
  });
  const model = provider.model();
  for (let count = 0; count < 20; count += 1) {
    expect(await model.complete(question, never)).toMatchObject({ content: "hi" });
    await Promise.all(ended);
  }
  expect(connections.size).toBeLessThan(20); // as many as the client was quicker than the end
});

test("a server that is elsewhere now is asked there", async () => {
  const answer = JSON.stringify(whole({ content: "hi" }));
  provider.answer((response) => {
    if (response.req.url !== "/v1/elsewhere") response.writeHead(308, { location: "/v1/elsewhere" }).end();
    else response.writeHead(200, { "content-type": "application/json" }).end(answer);
  });
  expect(await provider.model().complete(question, never)).toMatchObject({ content: "hi" });
  expect(provider.requests.at(-1)?.body).toMatchObject({ model: "m", messages: question.messages });
});
