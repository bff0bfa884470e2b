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
export function openWire(body: ReadableStream<Uint8Array>, idleMs: number | null, signal: AbortSignal): Wire {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const idle = idleMs === null ? null : timeLimit(idleMs, signal);
  const limit = idle?.signal ?? signal;
  // A body that has failed cannot be cancelled any more, and need not be.
  const cancel = () => void reader.cancel().catch(() => {});
  limit.addEventListener("abort", cancel); // a read takes no signal; cancelled, it ends at once
  let bytes = 0;
  let hasEnded = false;

  async function next(): Promise<Received> {
    try {
      limit.throwIfAborted();
      const { done, value } = await reader.read();
      limit.throwIfAborted();
      hasEnded = done;
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
    limit.removeEventListener("abort", cancel);
    if (limit.aborted) cancel();
    else if (!hasEnded) void awaitEnd();
  }

  /** After a stream's [DONE] only its end is left: cut off before that, the connection could not be used again. */
  async function awaitEnd(): Promise<void> {
    const patience = timeLimit(END_WITHIN_MS, signal);
    patience.signal.addEventListener("abort", cancel);
    await reader.read().catch(() => {}); // a body that failed has ended too
    patience.stop();
    cancel();
  }

  return { next, close };
}
