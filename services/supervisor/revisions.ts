import type { Revision } from "../../shared/state.ts";

/** What went wrong since the last probation that was passed, or the last choice of an operator; the next one ends it. */
export interface Incident {
  /** The automatic rollbacks so far, newest first: their targets, and why each that failed was given up. */
  readonly rollbacks: readonly { readonly imageId: string; readonly failure: string | null }[];
}

export type Target =
  | { readonly kind: "go back"; readonly to: Revision }
  | { readonly kind: "give up"; readonly reason: string };

/** Each rollback is a stop and a start; when the third good revision fails as well, the cause lies elsewhere. */
const MOST_ROLLBACKS = 3;

/**
 * Where to go back to from a revision that is bad: the newest good one that is another image and still here. What
 * failed in this incident is quarantined, so it is not good any more and is not tried again. Two targets that failed
 * alike have a common cause, which no rollback mends.
 *
 * @param good newest first
 * @param present the ids of the images that the engine can start
 */
export function rollbackTarget(
  bad: { readonly imageId: string; readonly reason: string } | null,
  good: readonly Revision[],
  engine: { readonly present: ReadonlySet<string>; readonly incident: Incident },
): Target {
  const { rollbacks } = engine.incident;
  const isTarget = rollbacks.some(({ imageId }) => imageId === bad?.imageId);
  if (isTarget && rollbacks.some(({ imageId, failure }) => imageId !== bad?.imageId && failure === bad?.reason)) {
    return { kind: "give up", reason: `two good revisions failed alike: ${bad?.reason}` };
  }
  if (rollbacks.length >= MOST_ROLLBACKS)
    return { kind: "give up", reason: `${MOST_ROLLBACKS} rollbacks did not help` };
  const to = good.find(({ imageId }) => imageId !== bad?.imageId && engine.present.has(imageId));
  return to ? { kind: "go back", to } : { kind: "give up", reason: "no good revision is left to go back to" };
}
