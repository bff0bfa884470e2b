import type { KnownEvent } from "./known-event.ts";

export type RequestKind = "deploy" | "rollback";

/**
 * What becomes of an operator's request, told by the events after it.
 *
 * - `asked`: no answer names it yet → accepted, rejected, replaced
 * - `accepted`: its revision is the wanted one → done (a deploy: promoted; a rollback: ready), replaced, failing
 * - `failing`: it has failed; the event right after says what the supervisor does about that → going back, failed
 * - `going back`: an older revision is started instead → failed, and that one runs; failing, if that one is bad too
 * - `rejected`, `done`, `replaced`, `failed`: decided
 */
export type RequestState =
  | { readonly kind: "asked"; readonly requestId: number }
  | Accepted
  | Failing
  | { readonly kind: "going back"; readonly reason: string; readonly target: string }
  | Outcome;

export type Outcome =
  | { readonly kind: "rejected"; readonly reason: string }
  | { readonly kind: "done"; readonly revision: string }
  /** It was cancelled, or a newer request took its place: nobody's failure. */
  | { readonly kind: "replaced"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string; readonly aftermath: Aftermath };

/** After a failure: what runs now, why nothing more is tried, or null when the log does not say. */
export type Aftermath =
  | { readonly kind: "went back"; readonly revision: string }
  | { readonly kind: "halted"; readonly reason: string }
  | null;

interface Accepted {
  readonly kind: "accepted";
  readonly requestId: number;
  readonly revision: string;
  readonly imageId: string;
}

interface Failing {
  readonly kind: "failing";
  readonly reason: string;
  /** The bad revision, from which the supervisor may go back. */
  readonly revision: string;
}

/** The state after one more event. Give it every event after the request, in order. */
export function advance(state: RequestState, event: KnownEvent): RequestState {
  switch (state.kind) {
    case "asked":
      return afterAsking(state.requestId, event) ?? state;
    case "accepted":
      return afterAccepting(state, event) ?? state;
    case "failing":
      return afterFailing(state, event);
    case "going back":
      return afterGoingBack(state, event) ?? state;
    default:
      return state;
  }
}

/**
 * The outcome, or null while there is none. A failure and what the supervisor does about it are committed together, so
 * a failure that is the newest event in the log stands alone.
 */
export function outcomeOf(state: RequestState, isNewestEvent: boolean): Outcome | null {
  if (state.kind === "failing") return isNewestEvent ? { kind: "failed", reason: state.reason, aftermath: null } : null;
  return isOutcome(state) ? state : null;
}

const DECIDED: ReadonlySet<string> = new Set<Outcome["kind"]>(["rejected", "done", "replaced", "failed"]);

function isOutcome(state: RequestState): state is Outcome {
  return DECIDED.has(state.kind);
}

function afterAsking(requestId: number, { eventType, payload }: KnownEvent): RequestState | null {
  switch (eventType) {
    case "deploy.rejected":
      if (payload.request_id !== requestId) return null;
      return { kind: isReplaced(payload) ? "replaced" : "rejected", reason: payload.reason };
    case "rollback.rejected":
      return payload.request_id === requestId ? { kind: "rejected", reason: payload.reason } : null;
    case "deploy.started":
      if (payload.request_id !== requestId) return null;
      return { kind: "accepted", requestId, revision: payload.revision, imageId: payload.image_id };
    case "rollback.started":
      if (payload.request_id !== requestId) return null;
      return { kind: "accepted", requestId, revision: payload.target_revision, imageId: payload.image_id };
    default:
      return null;
  }
}

function afterAccepting(state: Accepted, { eventType, payload }: KnownEvent): RequestState | null {
  const { requestId, revision, imageId } = state;
  switch (eventType) {
    case "revision.promoted":
      return payload.image_id === imageId ? { kind: "done", revision } : null;
    case "deploy.failed":
      if (payload.request_id !== requestId) return null;
      if (isReplaced(payload)) return { kind: "replaced", reason: payload.reason };
      return { kind: "failing", reason: payload.reason, revision };
    case "rollback.attempted":
      if (payload.request_id !== requestId) return null;
      if (payload.success) return { kind: "done", revision };
      if (isReplaced(payload)) return { kind: "replaced", reason: payload.error ?? UNTOLD };
      return { kind: "failing", reason: payload.error ?? UNTOLD, revision };
    default:
      return null;
  }
}

const UNTOLD = "the log does not say why";

/** Whether another request, or its cancelling, ended what an event says has ended. */
export function isReplaced({ replaced_by: by }: { readonly replaced_by?: number | null }): boolean {
  return by !== undefined;
}

function afterFailing({ reason, revision }: Failing, { eventType, payload }: KnownEvent): RequestState {
  if (eventType === "supervisor.halted") {
    return { kind: "failed", reason, aftermath: { kind: "halted", reason: payload.reason } };
  }
  // A rollback that names a request is another operator's, who superseded this one.
  const goesBack =
    eventType === "rollback.started" && payload.from_revision === revision && payload.request_id === null;
  if (goesBack) return { kind: "going back", reason, target: payload.target_revision };
  return { kind: "failed", reason, aftermath: null };
}

function afterGoingBack(state: RequestState & { kind: "going back" }, event: KnownEvent): RequestState | null {
  const { reason, target } = state;
  if (event.eventType !== "rollback.attempted" || event.payload.target_revision !== target) return null;
  if (event.payload.success) return { kind: "failed", reason, aftermath: { kind: "went back", revision: target } };
  return { kind: "failing", reason, revision: target };
}

/** One line for the end. */
export function outcomeLine(kind: RequestKind, outcome: Outcome): string {
  switch (outcome.kind) {
    case "done":
      return kind === "deploy" ? `done: ${outcome.revision} is promoted` : `done: ${outcome.revision} runs again`;
    case "rejected":
      return `the ${kind} was rejected: ${outcome.reason}`;
    case "replaced":
      return `the ${kind} was replaced: ${outcome.reason}`;
    case "failed":
      return `the ${kind} failed: ${outcome.reason}${aftermathText(outcome.aftermath)}`;
  }
}

function aftermathText(aftermath: Aftermath): string {
  if (aftermath === null) return "";
  if (aftermath.kind === "halted") return `; halted: ${aftermath.reason}`;
  return `; went back to ${aftermath.revision}, which runs now`;
}
