import type { Context } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";

/** What a stream's answer begins with. */
const HEADERS = { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" };

/**
 * Answers with server-sent events: `tell` sends them until its signal aborts, as the reader has left or on `stopping`.
 * Who asks with HEAD is told the headers alone: Hono would make the whole stream, drop it, and nobody could leave it.
 */
export function serverSentEvents(
  c: Context,
  tell: (stream: SSEStreamingApi, signal: AbortSignal) => Promise<void>,
  stopping: AbortSignal,
): Response {
  if (c.req.method === "HEAD") return c.body(null, 200, HEADERS);
  const left = new AbortController();
  const signal = AbortSignal.any([c.req.raw.signal, left.signal, stopping]);
  return streamSSE(c, async (stream) => {
    stream.onAbort(() => left.abort());
    await tell(stream, signal);
  });
}
