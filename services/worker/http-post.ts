import http, { type IncomingMessage } from "node:http";
import https from "node:https";

export interface Post {
  readonly headers: Headers | Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal?: AbortSignal | null | undefined;
}

/**
 * Posts a text, over a connection that is kept for the next one; the platform's `fetch` takes three times the processor
 * time. Follows nowhere. Rejects when no answer begins, or the signal aborts before. Afterwards the signal ends the body.
 */
export function post(url: URL, { headers, body, signal }: Post): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const given = headers instanceof Headers ? Object.fromEntries(headers) : headers;
    const own = { "accept-encoding": "identity", "content-length": Buffer.byteLength(body) };
    const { request } = url.protocol === "https:" ? https : http;
    const asked = request(url, { method: "POST", headers: { ...given, ...own } }, resolve);
    // The request's own `signal` option sets up a watch over the stream's end, too; a seventh of what a request took.
    const cutOff = () => void asked.destroy(signal?.reason);
    signal?.addEventListener("abort", cutOff);
    asked.on("close", () => signal?.removeEventListener("abort", cutOff));
    asked.on("error", reject);
    if (signal?.aborted) cutOff();
    asked.end(body);
  });
}

/** Where a server says that it is to be asked instead, or null. */
export function elsewhere({ statusCode = 0, headers }: IncomingMessage): string | null {
  return statusCode >= 300 && statusCode < 400 ? (headers.location ?? null) : null;
}
