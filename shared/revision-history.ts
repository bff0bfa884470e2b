import type { Database } from "./database.ts";
import { eventById, newestEvents, type TypedEvent } from "./event-log.ts";
import { EventType } from "./event-types.ts";
import { isReplaced } from "./request-outcome.ts";

/** One revision's turn: how it came to run, and what became of it. Times are Unix milliseconds. */
export interface RevisionTurn {
  /** The event that accepted or rejected it. */
  readonly eventId: number;
  readonly at: number;
  readonly kind: "deploy" | "rollback";
  readonly revision: string;
  /** Null when the tag was never resolved. */
  readonly imageId: string | null;
  /** Who asked, and from where, as "node@server, cli"; null when the supervisor did it by itself. */
  readonly askedBy: string | null;
  /** Why, where nobody asked. */
  readonly reason: string | null;
  readonly outcome: TurnOutcome;
}

/**
 * in progress ─ ready (a rollback's target) ─▶ ready ─ probation passed ─▶ promoted ─ it went bad later ─▶ quarantined
 *      ├─ rejected before anything was touched, failed after, or halted: bad, with nothing to go back to
 *      └─ replaced, before or after: cancelled, or a newer request took its place
 */
export interface TurnOutcome {
  readonly kind: "in progress" | "ready" | "promoted" | "rejected" | "replaced" | "failed" | "quarantined" | "halted";
  readonly at: number;
  readonly reason: string | null;
}

const TOLD = [
  EventType.DeployStarted,
  EventType.DeployRejected,
  EventType.DeployFailed,
  EventType.RollbackStarted,
  EventType.RollbackAttempted,
  EventType.RevisionPromoted,
  EventType.RevisionQuarantined,
  EventType.SupervisorHalted,
] as const;
type Told = { [T in (typeof TOLD)[number]]: TypedEvent<T> }[(typeof TOLD)[number]];

/** A turn takes a handful of events; a revision that is restarted and promoted again and again takes more. */
const EVENTS_PER_TURN = 8;

/** The newest `limit` turns, newest first. */
export function revisionHistory(db: Database, limit: number): RevisionTurn[] {
  const turns: RevisionTurn[] = [];
  for (const event of newestTold(db, limit * EVENTS_PER_TURN)) tell(db, turns, event);
  return turns.slice(-limit).reverse();
}

/** By the index on the type, a walk back for each, so that the cost does not follow the log's length. */
function newestTold(db: Database, limit: number): Told[] {
  return TOLD.flatMap((type) => newestEvents(db, type, limit) as Told[])
    .sort((one, other) => other.id - one.id)
    .slice(0, limit)
    .reverse();
}

function tell(db: Database, turns: RevisionTurn[], { id: eventId, timestamp: at, ...event }: Told): void {
  const { eventType, payload } = event as Told;
  const begin = (turn: Omit<RevisionTurn, "eventId" | "at" | "askedBy" | "outcome">, requestId: number | null) =>
    turns.push({ ...turn, eventId, at, askedBy: whoAsked(db, requestId), outcome: outcome("in progress", null) });
  const outcome = (kind: TurnOutcome["kind"], reason: string | null): TurnOutcome => ({ kind, at, reason });
  const end = (isIt: (turn: RevisionTurn) => boolean, ending: TurnOutcome) => {
    const index = turns.findLastIndex(isIt);
    const turn = turns[index];
    if (turn) turns[index] = { ...turn, outcome: ending };
  };
  switch (eventType) {
    case "deploy.started": {
      const reason = payload.reason === "configured" ? "the configured image, met for the first time" : null;
      begin({ kind: "deploy", revision: payload.revision, imageId: payload.image_id, reason }, payload.request_id);
      return;
    }
    case "rollback.started": {
      const { target_revision: revision, image_id: imageId, from_revision: from, request_id: requestId } = payload;
      const reason = requestId === null ? `${from}: ${payload.reason}` : `from ${from}`;
      begin({ kind: "rollback", revision, imageId, reason }, requestId);
      return;
    }
    case "deploy.rejected":
      begin({ kind: "deploy", revision: payload.revision, imageId: null, reason: null }, payload.request_id);
      end(({ eventId: of }) => of === eventId, outcome(isReplaced(payload) ? "replaced" : "rejected", payload.reason));
      return;
    case "deploy.failed":
      end(isOpen(payload.image_id), outcome(isReplaced(payload) ? "replaced" : "failed", payload.reason));
      return;
    case "rollback.attempted": {
      const isTarget = (turn: RevisionTurn) =>
        turn.kind === "rollback" && turn.revision === payload.target_revision && turn.outcome.kind === "in progress";
      end(
        isTarget,
        payload.success ? outcome("ready", null) : outcome(isReplaced(payload) ? "replaced" : "failed", payload.error),
      );
      return;
    }
    case "revision.promoted": {
      const { ready_seconds: seconds } = payload.evidence;
      end(isOpen(payload.image_id), outcome("promoted", `after ${Math.round(seconds)} s of being ready`));
      return;
    }
    case "revision.quarantined":
      end(({ imageId }) => imageId === payload.image_id, outcome("quarantined", payload.reason));
      return;
    case "supervisor.halted":
      end(({ outcome: { kind } }) => kind !== "rejected" && kind !== "replaced", outcome("halted", payload.reason));
      return;
  }
}

function isOpen(imageId: string): (turn: RevisionTurn) => boolean {
  return (turn) => turn.imageId === imageId && (turn.outcome.kind === "in progress" || turn.outcome.kind === "ready");
}

function whoAsked(db: Database, requestId: number | null): string | null {
  const payload = requestId === null ? null : eventById(db, requestId)?.payload;
  return payload ? `${payload.by}, ${payload.from}` : null;
}
