import type { Pull } from "../worker-runtime.ts";

/**
 * The pulls that this process has begun. They are not kept beyond it: a successor finds no image, and pulls again,
 * which costs only what is not here yet.
 *
 * @param fetch resolves once the image is here, rejects with what is wrong
 */
export function createImagePulls(fetch: (reference: string) => Promise<void>) {
  const pulls = new Map<string, Pull>();
  let notify = () => {};
  return {
    begin(reference: string): void {
      pulls.set(reference, { kind: "running" });
      fetch(reference)
        .then(
          () => pulls.delete(reference),
          (error: Error) => pulls.set(reference, { kind: "failed", reason: error.message }),
        )
        .finally(() => notify());
    },
    /** A failure is told once: whoever asks for the image again has it tried again. */
    of(reference: string): Pull {
      const pull = pulls.get(reference) ?? { kind: "none" };
      if (pull.kind === "failed") pulls.delete(reference);
      return pull;
    },
    onEnd(listener: () => void): void {
      notify = listener;
    },
  };
}
