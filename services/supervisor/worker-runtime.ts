import type { Revision } from "../../shared/state.ts";

/** A worker as the engine holds it. At most one exists: it has one fixed name. Times are Unix milliseconds. */
export interface WorkerContainer extends Revision {
  readonly id: string;
  readonly instance: string;
  /** The `process.started` of the supervisor that created it. */
  readonly supervisorId: number;
  readonly pid: number | null;
  readonly state: ContainerState;
}

/**
 * created ─ started ─▶ running ─ ends ─▶ exited
 *    └─ the engine could not start it: `error` says why; it is never started again
 */
export type ContainerState =
  | { readonly kind: "created"; readonly error: string | null }
  | { readonly kind: "running" }
  | {
      readonly kind: "exited";
      readonly exitCode: number;
      readonly oom: boolean;
      readonly startedAt: number;
      readonly finishedAt: number;
    };

export interface StartOrder extends Revision {
  readonly instance: string;
  readonly supervisorId: number;
}

/** Why an order could not even become a container; null when there is one now, started or not. */
export type StartRefusal = string | null;

/**
 * What the supervisor needs of whatever runs workers. The engine is the write-ahead: what an order achieved is seen by
 * looking, so every method may be cut short and called again. Rejects only when the engine itself fails.
 */
export interface WorkerRuntime {
  /** The worker's container in whatever state, or null. */
  look(): Promise<WorkerContainer | null>;
  /** What a reference means here and now; null when there is no such image. Pulls nothing. */
  resolve(reference: string): Promise<Revision | null>;
  /** Which of these images can be started. */
  present(imageIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Creates and starts the one worker. A name that is taken counts as done: look, and see what holds it. */
  start(order: StartOrder): Promise<StartRefusal>;
  /** SIGTERM, after the grace SIGKILL; resolves once it has ended. Already stopped or gone counts as done. */
  stop(containerId: string, graceMs: number): Promise<void>;
  /** Gone counts as done. */
  remove(containerId: string): Promise<void>;
  /** The last lines of what it printed, oldest first; none when it is gone. */
  logTail(containerId: string, lines: number): Promise<readonly string[]>;
  /** Calls `onChange` when something may have happened to the worker. Lossy: only ever a reason to look. */
  watch(onChange: () => void, signal: AbortSignal): void;
}
