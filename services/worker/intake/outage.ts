import type { Clock } from "../../../shared/clock.ts";
import type { Database } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";

const UPSTREAM = "telegram";

/**
 * Tells the log of Telegram's outages, so that the supervisor holds nothing against the worker meanwhile. Each outage
 * is one `upstream.unavailable`, with the reason it began with, and one `upstream.available`.
 *
 * @param processId this worker's `process.started`
 */
export function createOutageLog({ db, clock }: { readonly db: Database; readonly clock: Clock }, processId: number) {
  let since: number | null = null;
  return {
    /** A poll was not answered. */
    goesOn(reason: string): void {
      if (since !== null) return;
      since = clock.now();
      logEvent(db, processId, EventType.UpstreamUnavailable, { upstream: UPSTREAM, reason });
    },
    /** A poll was answered. */
    isOver(): void {
      if (since === null) return;
      const outage_ms = clock.now() - since;
      since = null;
      logEvent(db, processId, EventType.UpstreamAvailable, { upstream: UPSTREAM, outage_ms });
    },
  };
}
