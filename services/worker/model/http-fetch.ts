import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { elsewhere, post } from "../http-post.ts";

/** `fetch` for a client that posts texts. A good answer's body is no web stream but a Node one, had from `bodyOf`. */
export function createHttpFetch() {
  const bodies = new WeakMap<Response, IncomingMessage>();

  async function httpFetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    if (typeof init.body !== "string" || input instanceof Request) return fetch(input, init);
    const { body, signal } = init;
    const answer = await post(new URL(input), { headers: new Headers(init.headers), body, signal });
    if (elsewhere(answer) !== null) {
      answer.destroy();
      return fetch(input, init); // it knows what may not be taken along
    }
    const response = toResponse(answer);
    if (response.ok) bodies.set(response, answer);
    return response;
  }

  function bodyOf(response: Response): Readable | null {
    return bodies.get(response) ?? (response.body && Readable.from(response.body));
  }

  return { fetch: httpFetch, bodyOf };
}

function toResponse(answer: IncomingMessage): Response {
  const { statusCode: status = 0 } = answer;
  const headers = answer.headers as Record<string, string>; // but for cookies, which nobody reads
  const isGood = status >= 200 && status < 300;
  return new Response(isGood ? null : Readable.toWeb(answer), { status, headers });
}
