import type { EventPayloads } from "../../shared/event-types.ts";
import type { Accepted, OpenRollback, PendingRequest, Revision, Superseding } from "../../shared/state.ts";
import type { Spawned } from "../../shared/worker-state.ts";
import type { Verdict } from "./verdict.ts";
import type { CheckContainer, WorkerContainer } from "./worker-runtime.ts";

/** Nothing to do for now: until a deadline, if one is known, or a hint. */
export type Rest =
  | { readonly kind: "wait"; readonly until: number | null; readonly why?: string }
  | { readonly kind: "leave" };

/** One step, as data. Performing it changes the engine or the log, and with it the next observation. */
export type Step = Rest | Action;

export type Action =
  | { readonly kind: "record spawn"; readonly container: WorkerContainer }
  | { readonly kind: "record failed start"; readonly container: WorkerContainer; readonly error: string }
  | { readonly kind: "record exit"; readonly worker: Spawned; readonly container: WorkerContainer | null }
  | { readonly kind: "remove"; readonly containerId: string; readonly why: string }
  | { readonly kind: "stop worker"; readonly worker: Spawned; readonly cause: StopCause; readonly why: string }
  | { readonly kind: "pull"; readonly reference: string }
  | { readonly kind: "start check"; readonly request: PendingRequest; readonly image: Revision }
  | { readonly kind: "accept deploy"; readonly request: PendingRequest; readonly image: Revision }
  | { readonly kind: "reject deploy"; readonly request: PendingRequest; readonly reason: string }
  | { readonly kind: "reject checked deploy"; readonly request: PendingRequest; readonly check: CheckContainer }
  | { readonly kind: "replace deploy"; readonly request: PendingRequest; readonly by: Superseding }
  | { readonly kind: "cancel deploy"; readonly wanted: Accepted; readonly requestId: number }
  | { readonly kind: "answer rollback"; readonly request: PendingRequest }
  | { readonly kind: "take up configured"; readonly revision: Revision }
  | { readonly kind: "settle rollback"; readonly rollback: OpenRollback }
  | { readonly kind: "promote"; readonly worker: Spawned; readonly readySeconds: number }
  | { readonly kind: "hold image"; readonly revision: Revision }
  | { readonly kind: "let image go"; readonly imageId: string }
  | { readonly kind: "go back"; readonly wanted: Accepted; readonly verdict: Verdict; readonly to: Revision }
  | { readonly kind: "halt"; readonly wanted: Accepted; readonly verdict: Verdict; readonly reason: string }
  | { readonly kind: "schedule restart"; readonly delayMs: number; readonly attempt: number }
  | { readonly kind: "repair shared file"; readonly foreign: readonly string[]; readonly culprit: Culprit | null }
  | { readonly kind: "check shared file"; readonly after: number }
  | { readonly kind: "give room" }
  | { readonly kind: "replace shared file"; readonly reason: string; readonly culprit: Culprit | null }
  | { readonly kind: "start"; readonly revision: Revision }
  | { readonly kind: "start again"; readonly containerId: string };

export type StopCause = EventPayloads["worker.stopping"]["cause"];

/** The worker that left the shared file so, null when it is nobody's. */
export interface Culprit {
  readonly instance: string;
  readonly imageId: string;
}
