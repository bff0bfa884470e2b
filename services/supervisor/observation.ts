import type { Accepted, OpenRollback, PendingRequest, Revision, Superseding } from "../../shared/state.ts";
import type { Exit, Spawned } from "../../shared/worker-state.ts";
import type { SetAsideClaim } from "./excused-exits.ts";
import type { SharedFileSeen } from "./journal/shared-file-seen.ts";
import type { Incident } from "./revisions.ts";
import type { CheckContainer, Pull, WorkerContainer } from "./worker-runtime.ts";

/** Everything a decision may depend on: what the engine holds, what the log says, and the time. */
export interface Observation {
  readonly now: number;
  readonly supervisorId: number;
  /** We were asked to stop. */
  readonly leaving: boolean;
  /** An operator's wish, which outlives every restart: nothing is to run; nothing is to be done by itself. */
  readonly stopped: boolean;
  readonly onHold: boolean;

  readonly container: WorkerContainer | null;
  readonly strays: readonly string[];
  readonly nameTaken: string | null;
  /** The newest worker in the log. */
  readonly worker: Spawned | null;
  /** How long the worker's heartbeat has not moved while we watched it run. */
  readonly heartbeatStaleMs: number;
  /** How long, since its start, the worker could not reach its upstream. */
  readonly outageMs: number;

  readonly shared: SharedFileSeen;
  /** For how long, while this worker runs, the file that it shares with us could not be written. */
  readonly sharedStuckMs: number;
  /** How much room is left on the state volume. */
  readonly freeBytes: number;

  readonly wanted: Accepted | null;
  /** The exits of the wanted revision since it was accepted, newest first. */
  readonly exits: readonly Exit[];
  /** What workers say of messages that were set aside: of a promoted revision it excuses exits. */
  readonly setAside: readonly SetAsideClaim[];
  /** The wanted revision passed its probation since it was accepted. */
  readonly promoted: boolean;
  readonly predecessorPolled: boolean;
  /** What the wanted revision left of the shared file, since it was accepted, had to be put right. */
  readonly brokeTheState: boolean;
  /** The wanted revision was given up since it was accepted, and there was nothing to go back to. */
  readonly halted: boolean;
  /** The newest exit of any worker. */
  readonly lastExit: Exit | null;
  /** Since the newest exit: a delayed restart was announced. */
  readonly restartScheduled: boolean;

  readonly good: readonly Revision[];
  readonly present: ReadonlySet<string>;
  readonly held: ReadonlySet<string>;
  readonly incident: Incident;
  /** A rollback that was started and whose outcome is not recorded. */
  readonly rollback: OpenRollback | null;

  /** The configured image, when it is one to take up as a deploy. */
  readonly configured: Revision | null;
  readonly deploy: Candidate | null;
  readonly rollbackRequest: PendingRequest | null;
  /** The operator's wish to leave the wanted deploy, while that is not decided. */
  readonly cancelRequest: number | null;
  readonly check: CheckContainer | null;
}

/** A deploy that waits for its answer, and what is known of its image. */
export interface Candidate {
  readonly request: PendingRequest;
  readonly image: Revision | null;
  readonly pull: Pull;
  readonly freeBytes: number;
  /** A newer wish, to which it gives way. */
  readonly superseding: Superseding | null;
}
