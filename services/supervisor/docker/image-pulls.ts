import type { Pull } from "../worker-runtime.ts";

interface Begun {
  readonly pull: Pull;
  readonly abort: AbortController;
}

/**
 * The pulls that this process has begun. They are not kept beyond it: a successor finds no image, and pulls again,
 * which costs only what is not here yet.
 *
 * @param fetch resolves once the image is here, rejects with what is wrong, and soon when it is aborted
 */
export function createImagePulls(fetch: (reference: string, signal: AbortSignal) => Promise<void>) {
  const pulls = new Map<string, Begun>();
  let notify = () => {};
  return {
    /** One that runs already goes on. */
    begin(reference: string): void {
      if (pulls.get(reference)?.pull.kind === "running") return;
      const begun: Begun = { pull: { kind: "running" }, abort: new AbortController() };
      const end = (outcome: Pull) => {
        if (pulls.get(reference) !== begun) return; // it was aborted, and is nobody's any more
        if (outcome.kind === "none") pulls.delete(reference);
        else pulls.set(reference, { ...begun, pull: outcome });
        notify();
      };
      pulls.set(reference, begun);
      fetch(reference, begun.abort.signal).then(
        () => end({ kind: "none" }),
        (error: Error) => end({ kind: "failed", reason: error.message }),
      );
    },
    /** A failure is told once: whoever asks for the image again has it tried again. */
    of(reference: string): Pull {
      const { pull } = pulls.get(reference) ?? { pull: { kind: "none" } };
      if (pull.kind === "failed") pulls.delete(reference);
      return pull;
    },
    /** Nobody wants it any more: as if it had never been begun. */
    abort(reference: string): void {
      const begun = pulls.get(reference);
      pulls.delete(reference);
      begun?.abort.abort();
    },
    onEnd(listener: () => void): void {
      notify = listener;
    },
  };
}
