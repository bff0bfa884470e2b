import { inTransaction } from "../../shared/database.ts";
import { EventType } from "../../shared/event-types.ts";
import { isDecided, type OpenRollback, openRollback } from "../../shared/state.ts";
import { exitsSince } from "../../shared/worker-state.ts";
import type { Action } from "./decide.ts";
import type { Performer } from "./perform.ts";

/** Gives up on a crash-looping revision and, in the same breath, says what runs instead: one fact, never half of it. */
export function giveUpOn(performer: Performer, { wanted, target }: Action & { kind: "give up on revision" }): void {
  const { db, record, policy } = performer;
  const { crashThreshold: threshold, crashWindowSeconds: window_seconds } = policy;
  const { revision, imageId: image_id, requestId: request_id } = wanted;
  const reason = `crash loop: ${threshold} exits in a row within ${window_seconds} s of being ready`;
  inTransaction(db, () => {
    const exits = exitsSince(db, wanted, threshold).map(({ eventId }) => eventId);
    record(EventType.CrashLoopDetected, { threshold, window_seconds, revision, exits });
    record(EventType.RevisionQuarantined, { revision, image_id, reason });
    if (wanted.by === "deploy" && !isDecided(db, wanted)) {
      record(EventType.DeployFailed, { revision, image_id, request_id, reason });
    }
    closeOpenRollback(performer, reason);
    if (!target) return record(EventType.SupervisorHalted, { reason: "no good revision is left to go back to" });
    record(EventType.RollbackStarted, {
      target_revision: target.revision,
      image_id: target.imageId,
      from_revision: revision,
      reason: "crash loop",
      request_id: null,
    });
  });
}

/** Records the outcome of a rollback: its target is ready, or `error` says why it did not come to that. */
export function settleRollback({ record }: Performer, rollback: OpenRollback, error: string | null): void {
  record(EventType.RollbackAttempted, {
    target_revision: rollback.target.revision,
    success: error === null,
    from_revision: rollback.from,
    reason: rollback.reason,
    request_id: rollback.requestId,
    error,
  });
}

export function closeOpenRollback(performer: Performer, error: string): void {
  const rollback = openRollback(performer.db);
  if (rollback) settleRollback(performer, rollback, error);
}
