import type { Revision } from "../../shared/state.ts";

/**
 * Where to go back to from a revision that is bad: the newest good one that is another image and still here, or null.
 * What was quarantined is not good any more, so a target that failed is never tried again before it is promoted anew.
 *
 * @param good newest first
 * @param present the ids of the images that the engine can start
 */
export function rollbackTarget(
  from: Revision | null,
  good: readonly Revision[],
  present: ReadonlySet<string>,
): Revision | null {
  return good.find(({ imageId }) => imageId !== from?.imageId && present.has(imageId)) ?? null;
}
