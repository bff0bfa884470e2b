import { inTransaction } from "../../shared/database.ts";
import { EventType } from "../../shared/event-types.ts";
import { type Accepted, isDecided, type OpenRollback, openRollback } from "../../shared/state.ts";
import { exitsSince } from "../../shared/worker-state.ts";
import { countsForCrashLoop } from "./crash-loop.ts";
import type { Performer } from "./performer.ts";
import type { Action } from "./step.ts";
import type { Verdict } from "./verdict.ts";

/** Gives up on a bad revision and, in the same breath, says what runs instead: one fact, never half of it. */
export function goBack(performer: Performer, { wanted, verdict, to }: Action & { kind: "go back" }): void {
  inTransaction(performer.db, () => {
    condemn(performer, wanted, verdict);
    performer.record(EventType.RollbackStarted, {
      target_revision: to.revision,
      image_id: to.imageId,
      from_revision: wanted.revision,
      reason: verdict.reason,
      request_id: null,
    });
  });
}

/** Gives up on a bad revision with nothing to go back to. It stays wanted, and is tried again from time to time. */
export function halt(performer: Performer, { wanted, verdict, reason }: Action & { kind: "halt" }): void {
  inTransaction(performer.db, () => {
    condemn(performer, wanted, verdict);
    performer.record(EventType.SupervisorHalted, { reason });
  });
}

/** Among so many of whatever class are the ones that count. */
const MOST_EXITS = 50;

function condemn(performer: Performer, wanted: Accepted, { kind, reason }: Verdict): void {
  const { db, record, policy } = performer;
  const { revision, imageId: image_id, requestId: request_id } = wanted;
  if (kind === "crash loop") {
    const { crashThreshold: threshold, crashWindowSeconds: window_seconds } = policy;
    const counted = exitsSince(db, wanted, MOST_EXITS).filter(({ class: exitClass }) => countsForCrashLoop(exitClass));
    const exits = counted.slice(0, threshold).map(({ eventId }) => eventId);
    record(EventType.CrashLoopDetected, { threshold, window_seconds, revision, exits });
  }
  record(EventType.RevisionQuarantined, { revision, image_id, reason });
  if (wanted.by === "deploy" && !isDecided(db, wanted)) {
    record(EventType.DeployFailed, { revision, image_id, request_id, reason });
  }
  closeOpenRollback(performer, reason);
}

/** Records the outcome of a rollback: its target is ready, or `error` says why it did not come to that. */
export function settleRollback(
  { record }: Performer,
  rollback: OpenRollback,
  { error, replacedBy }: { readonly error: string | null; readonly replacedBy?: number | null },
): void {
  record(EventType.RollbackAttempted, {
    target_revision: rollback.target.revision,
    success: error === null,
    from_revision: rollback.from,
    reason: rollback.reason,
    request_id: rollback.requestId,
    error,
    ...(replacedBy === undefined ? {} : { replaced_by: replacedBy }),
  });
}

/** @param replacedBy the request that took its place, null when the configured image did; absent when it failed */
export function closeOpenRollback(performer: Performer, error: string, replacedBy?: number | null): void {
  const rollback = openRollback(performer.db);
  if (rollback) settleRollback(performer, rollback, replacedBy === undefined ? { error } : { error, replacedBy });
}
