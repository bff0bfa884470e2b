import type { Accepted } from "../../shared/state.ts";
import type { Policy } from "./decide.ts";
import { countsAgainstRevision } from "./exits.ts";
import type { Observation } from "./observation.ts";
import type { Action, Culprit, StopCause } from "./step.ts";
import { isUp } from "./worker-runtime.ts";

/** What a worker does to the volume that it shares with everybody, and how that is put right once it is gone. */

/** Below this a database soon takes no row more, and nobody can answer. */
const LEAST_ROOM_BYTES = 50 * 1024 * 1024;

/** A file that no child outlives for so long, with no worker about, is at fault itself: busy machines start one in seconds. */
const DEADLY_MS = 60_000;

/** What the worker does to what it shares with others: it is stopped for that, however well it seems to be. */
export function harmDone(
  seen: Observation,
  wanted: Accepted,
  policy: Policy,
): { readonly cause: StopCause; readonly why: string } | null {
  const { shared, sharedStuckMs, promoted, freeBytes } = seen;
  if (shared.trouble?.kind === "damaged") return { cause: "broke the state", why: shared.trouble.reason };
  if (sharedStuckMs >= policy.hangMs) {
    const why = shared.trouble?.reason ?? "the shared file could not be written";
    return { cause: "hang", why: `${why}, for ${Math.round(sharedStuckMs / 1000)} s` };
  }
  if (promoted) return null;
  if (shared.foreign.length > 0) {
    return { cause: "broke the state", why: `foreign in the database's schema: ${shared.foreign.join(", ")}` };
  }
  if (fillsTheDisk(seen, wanted)) {
    return { cause: "filled the disk", why: `${Math.floor(freeBytes / 1024 / 1024)} MB are left on the state volume` };
  }
  return null;
}

/** There was room when it was deployed, and it has yet to be promoted. */
export function fillsTheDisk({ promoted, freeBytes }: Observation, { freeBytes: before }: Accepted): boolean {
  return !promoted && (before ?? 0) >= LEAST_ROOM_BYTES && freeBytes < LEAST_ROOM_BYTES;
}

/** While no worker runs, nobody undoes it. The container that ended names rows of the file that it leaves. */
export function mendSharedFile(seen: Observation): Action | null {
  const { container, shared, freeBytes } = seen;
  if (isUp(container)) return null;
  if (shared.keepsRoom && freeBytes < LEAST_ROOM_BYTES) return { kind: "give room" };
  const isDamaged = shared.trouble?.kind === "damaged" || shared.silentMs >= DEADLY_MS;
  if (!isDamaged && (shared.foreign.length === 0 || TIME_MAY_MEND.has(shared.trouble?.kind ?? ""))) return null;
  if (container)
    return { kind: "remove", containerId: container.id, why: "the file that it shared with us is put right" };
  const culprit = culpritOf(seen);
  if (isDamaged) return { kind: "replace shared file", reason: shared.trouble?.reason ?? "", culprit };
  return { kind: "repair shared file", foreign: shared.foreign, culprit };
}

/**
 * Pages that only workers read may be broken by now. A revision that is known to be good is not suspected for its first
 * failure: it is started again at once.
 */
export function checkSharedFile({ lastExit, good, promoted, exits, shared }: Observation): Action | null {
  if (lastExit === null || shared.trouble !== null || shared.wholeAfter >= lastExit.eventId) return null;
  const check = { kind: "check shared file", after: lastExit.eventId } as const;
  if (!good.some(({ imageId }) => imageId === lastExit.imageId)) return check;
  const isFirst = promoted && (exits[1] === undefined || !countsAgainstRevision(exits[1].class));
  return countsAgainstRevision(lastExit.class) && !isFirst ? check : null;
}

/** Meanwhile nothing can be repaired; no worker is started either. */
const TIME_MAY_MEND: ReadonlySet<string> = new Set(["locked", "full", "silent"]);

/** The newest worker, if the file was whole when it ran. */
function culpritOf({ worker, lastExit, shared }: Observation): Culprit | null {
  if (!worker || lastExit?.instance !== worker.instance) return null;
  const isIts = lastExit.class === "broke the state" || lastExit.at > shared.soundAt;
  return isIts ? { instance: worker.instance, imageId: worker.imageId } : null;
}
