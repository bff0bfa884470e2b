import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { Readable } from "node:stream";

/**
 * `fetch` for a client that posts texts, over node:http: the platform's own takes three times the processor time for a
 * request, most of a message's. A good answer's body is no web stream but a Node one, and to be had from `bodyOf`.
 */
export function createHttpFetch() {
  const bodies = new WeakMap<Response, IncomingMessage>();

  async function httpFetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    if (typeof init.body !== "string" || input instanceof Request) return fetch(input, init);
    const answer = await post(new URL(input), { ...init, body: init.body });
    if (isRedirect(answer)) {
      answer.destroy();
      return fetch(input, init);
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

/** Rejects when no answer begins, or the signal aborts before. Afterwards the signal ends the body. */
function post(url: URL, { body, headers, method, signal }: RequestInit & { body: string }): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const own = { "accept-encoding": "identity", "content-length": Buffer.byteLength(body) };
    const options = { method: method ?? "POST", headers: { ...Object.fromEntries(new Headers(headers)), ...own } };
    const { request } = url.protocol === "https:" ? https : http;
    const asked = request(url, { ...options, ...(signal ? { signal } : {}) }, resolve);
    asked.on("error", reject);
    asked.end(body);
  });
}

function isRedirect({ statusCode = 0, headers }: IncomingMessage): boolean {
  return statusCode >= 300 && statusCode < 400 && headers.location !== undefined;
}

function toResponse(answer: IncomingMessage): Response {
  const { statusCode: status = 0, headersDistinct } = answer;
  const headers = Object.entries(headersDistinct).map(([name, values = []]): [string, string] => [
    name,
    values.join(", "),
  ]);
  const isGood = status >= 200 && status < 300;
  return new Response(isGood ? null : Readable.toWeb(answer), { status, headers });
}
