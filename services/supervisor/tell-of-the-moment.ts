import type { Clock } from "../../shared/clock.ts";
import type { Database } from "../../shared/database.ts";
import { newestEventId } from "../../shared/event-log.ts";
import type { Logger } from "../../shared/logging.ts";
import { type SupervisorView, writeSupervisorView } from "../../shared/requests/supervisor-view.ts";
import { readStatusWithoutInbox } from "../../shared/status.ts";
import type { SharedLog } from "./journal/shared-log.ts";

/**
 * Keeps the file up to date by which CLI and console tell of the moment when the shared file cannot be read: written
 * whenever something changed. Never throws: what could not be written is tried again at the next look.
 */
export function createMomentTeller(
  ports: {
    readonly journal: Database;
    readonly clock: Clock;
    readonly log: Logger;
    readonly shared: Pick<SharedLog, "seen">;
  },
  self: Pick<SupervisorView, "pid" | "version">,
  directory: string,
): () => void {
  let told = "";
  return () => {
    const at = ports.clock.now();
    const { behind, trouble, foreign } = ports.shared.seen();
    const strange = foreign.length === 0 ? null : `foreign in its schema: ${foreign.join(", ")}`;
    const mirror = { behind, problem: trouble?.reason ?? strange };
    // The status follows from the journal: while that has nothing new, dozens of queries would say the same.
    const text = JSON.stringify([newestEventId(ports.journal), mirror]);
    if (text === told) return;
    try {
      writeSupervisorView(directory, { at, ...self, status: readStatusWithoutInbox(ports.journal, at), mirror });
      told = text;
    } catch (error) {
      ports.log.debug({ reason: String(error) }, "the moment could not be told");
    }
  };
}
