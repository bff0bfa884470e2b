import type { Clock } from "../../../shared/clock.ts";
import type { Database } from "../../../shared/database.ts";
import { newestEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import type { Trouble } from "./shared-file-seen.ts";

/** Each try sets a file aside, and whoever breaks it is not stopped by another. */
const AGAIN_AFTER_MS = 30_000;

/** A file that was made anew, and is broken though no worker has run since, is no worker's doing: it is not made anew all the time. */
export function createReplacements(journal: Database, clock: Clock) {
  let last: { readonly atMs: number; readonly spawn: number } | null = null;
  const newestSpawn = () => newestEvent(journal, EventType.WorkerSpawned)?.id ?? 0;
  return {
    /** The file was made anew. */
    note(): void {
      last = { atMs: clock.monotonicMs(), spawn: newestSpawn() };
    },
    /** What is wrong with the file, as something to wait for while it is too soon to make it anew once more. */
    inItsTime(found: Trouble): Trouble {
      if (found.kind !== "damaged" || last?.spawn !== newestSpawn()) return found;
      if (clock.monotonicMs() - last.atMs >= AGAIN_AFTER_MS) return found;
      const reason = `${found.reason}; it was made anew only just now, and no worker has run since: see who else writes there`;
      return { kind: "refused", reason };
    },
  };
}
