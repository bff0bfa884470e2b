import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Model, ModelRequest } from "./model.ts";
import { createModels } from "./openai.ts";

/** A model's provider that answers whatever a test says, byte by byte. */
export interface FakeProvider {
  readonly requests: readonly { readonly url: string | undefined; headers: IncomingHttpHeaders; body: RequestBody }[];
  answer(respond: (response: ServerResponse, body: RequestBody) => void): void;
  json(status: number, answer: unknown, headers?: Record<string, string>): void;
  /** A stream of these events, and then its end; what is no text is written as JSON. */
  stream(...events: readonly unknown[]): void;
  model(limits?: { readonly timeoutMs?: number; readonly idleMs?: number }): Model;
  close(): Promise<void>;
}

export type RequestBody = Readonly<Record<string, unknown>>;

export async function startFakeProvider(): Promise<FakeProvider> {
  const requests: { url: string | undefined; headers: IncomingHttpHeaders; body: RequestBody }[] = [];
  let respond: (response: ServerResponse, body: RequestBody) => void = (response) => response.destroy();
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const body: RequestBody = JSON.parse(text);
    requests.push({ url: request.url, headers: request.headers, body });
    respond(response, body);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const answer: FakeProvider["answer"] = (next) => {
    respond = next;
  };
  return {
    requests,
    answer,
    json: (status, body, headers = {}) =>
      answer((response) => {
        response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
      }),
    stream: (...events) =>
      answer((response) => {
        response.writeHead(200, STREAM).end(events.map(eventText).join(""));
      }),
    model: ({ timeoutMs = 10_000, idleMs = 10_000 } = {}) =>
      createModels({ apiKey: "the-key", baseUrl, models: ["m"], timeoutMs, idleMs })[0],
    async close() {
      server.closeAllConnections();
      await once(server.close(), "close");
    },
  };
}

export const STREAM = { "content-type": "text/event-stream" };

export const eventText = (event: unknown): string =>
  `data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`;

export const delta = (delta: object, finish_reason: string | null = null) => ({
  id: "c",
  object: "chat.completion.chunk",
  choices: [{ index: 0, delta, finish_reason }],
});

export const whole = (message: object, finish_reason: string | null = "stop") => ({
  id: "c",
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason }],
});

export const never = new AbortController().signal;

export const question: ModelRequest = {
  messages: [{ role: "user", content: "hello" }],
  tools: [],
  maxOutputTokens: null,
  onText: () => {},
};
