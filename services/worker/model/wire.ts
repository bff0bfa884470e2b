import type { Readable } from "node:stream";
import { timeLimit } from "../../../shared/clock.ts";
import { networkDetail } from "./network-detail.ts";

/** An answer as it comes in. `next` rejects only when the request's own signal aborts; whoever opens a wire closes it. */
export interface Wire {
  next(): Promise<Received>;
  close(): void;
}

export type Received =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "end" }
  | { readonly kind: "lost" | "silent" | "too long"; readonly detail: string };

/** Far beyond any answer: a server that sends without end must not fill the memory. */
const MOST_BYTES = 8 * 1024 * 1024;

const END_WITHIN_MS = 1000;

/** @param idleMs how long it may be silent; null for an answer that comes in one piece, when it is ready */
export function openWire(body: Readable, idleMs: number | null, signal: AbortSignal): Wire {
  const chunks: AsyncIterator<Buffer> = body.iterator({ destroyOnReturn: false });
  const decoder = new TextDecoder();
  const idle = idleMs === null ? null : timeLimit(idleMs, signal);
  const limit = idle?.signal ?? signal;
  const cutOff = () => void body.destroy();
  limit.addEventListener("abort", cutOff);
  if (limit.aborted) cutOff();
  let bytes = 0;

  async function next(): Promise<Received> {
    try {
      const { done, value } = await chunks.next();
      limit.throwIfAborted();
      if (done) return { kind: "end" };
      idle?.touch();
      bytes += value.length;
      if (bytes > MOST_BYTES) return { kind: "too long", detail: `more than ${MOST_BYTES} bytes` };
      return { kind: "text", text: decoder.decode(value, { stream: true }) };
    } catch (error) {
      signal.throwIfAborted();
      if (idle?.signal.aborted) return { kind: "silent", detail: `not a byte for ${(idleMs ?? 0) / 1000} s` };
      return { kind: "lost", detail: networkDetail(error) };
    }
  }

  function close(): void {
    idle?.stop();
    limit.removeEventListener("abort", cutOff);
    body.on("error", () => {}); // nobody reads it any more
    if (!body.destroyed) awaitEnd();
  }

  /** After a stream's [DONE] only its end is left: cut off before that, the connection could not be used again. */
  function awaitEnd(): void {
    const patience = timeLimit(END_WITHIN_MS, signal);
    patience.signal.addEventListener("abort", cutOff);
    body.on("close", patience.stop);
    void chunks.return?.().then(() => body.resume());
  }

  return { next, close };
}
