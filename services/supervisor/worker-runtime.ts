import type { Revision } from "../../shared/state.ts";

/** What the engine holds of ours. */
export interface Sighting {
  /** There is to be one: it is created under one fixed name, and known by its labels, also if it was renamed. */
  readonly worker: WorkerContainer | null;
  /** Further containers that say they are the worker, such as a copy that somebody made with all its labels. */
  readonly strays: readonly string[];
  /** The worker's name, if a container that is not ours has it: then none can be started. */
  readonly nameTaken: string | null;
  /** The check's container in whatever state. */
  readonly check: CheckContainer | null;
  /** The images held against being pruned. */
  readonly held: ReadonlySet<string>;
}

/** A worker as the engine holds it. Times are Unix milliseconds. */
export interface WorkerContainer extends Revision {
  readonly id: string;
  /** The first instance that it ran: it may have been started again in place. */
  readonly instance: string;
  /** Its environment and limits are the ones that a worker started now would get. */
  readonly upToDate: boolean;
  /** The `process.started` of the supervisor that created it. */
  readonly supervisorId: number;
  readonly pid: number | null;
  readonly state: ContainerState;
}

/**
 * created ─ started ─▶ running ◀──▶ paused
 *    │                   └─ ends ─▶ exited
 *    └─ the engine could not start it: `error` says why; it is never started again
 */
export type ContainerState =
  | { readonly kind: "created"; readonly error: string | null }
  | { readonly kind: "running" }
  | { readonly kind: "paused" }
  | {
      readonly kind: "exited";
      readonly exitCode: number;
      readonly oom: boolean;
      readonly startedAt: number;
      readonly finishedAt: number;
    };

/** Whether a process is in it, frozen or not. */
export function isUp(container: WorkerContainer | null): boolean {
  return container?.state.kind === "running" || container?.state.kind === "paused";
}

export interface StartOrder extends Revision {
  readonly instance: string;
  readonly supervisorId: number;
  /** What the supervisor's own `process.started` is called in the shared file: the worker's hangs under it. */
  readonly parentId: number;
}

/** The check of an image beside the running worker, before a deploy touches it. At most one exists. */
export interface CheckContainer {
  readonly id: string;
  /** The request that it is about. */
  readonly requestId: number;
  readonly imageId: string;
  readonly createdAt: number;
  readonly state: ContainerState;
  /** The engine was asked, by whomever, to end it. Lossy, as for a worker. */
  readonly signalled: boolean;
}

/** A check that somebody else stops or removes is begun so often in all. */
export const MOST_CHECKS = 3;

/**
 * none ─ pull ─▶ running ─┬─▶ none (the image is here now, or the pull was aborted)
 *                         └─▶ failed (told once, then none: whoever asks again has it tried again)
 */
export type Pull =
  | { readonly kind: "none" }
  | { readonly kind: "running" }
  | { readonly kind: "failed"; readonly reason: string };

/** Why an order could not even become a container; null when there is one now, started or not. */
export type StartRefusal = string | null;

/**
 * What the supervisor needs of whatever runs workers. The engine is the write-ahead: what an order achieved is seen by
 * looking, so every method may be cut short and called again. Rejects only when the engine itself fails.
 */
export interface WorkerRuntime {
  /** Whether what a method rejected with means that the engine cannot be reached for now: it may come back. */
  isUnavailable(error: unknown): boolean;
  /** Asks all at once: nobody answers while a death is looked into. */
  look(): Promise<Sighting>;
  /** What a reference means here and now; null when there is no such image, or it is no reference. Pulls nothing. */
  resolve(reference: string): Promise<Revision | null>;
  /** Which of these images can be started. */
  present(imageIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Creates and starts the one worker. A name that is taken counts as done: look, and see who has it. */
  start(order: StartOrder): Promise<StartRefusal>;
  /** Starts a worker that has exited once more, in its container. One that cannot be is removed. */
  startAgain(containerId: string): Promise<void>;
  /** Whether the engine was asked since, by whomever, to signal the worker. Lossy: the engine forgets. */
  wasSignalled(containerId: string, since: number): Promise<boolean>;
  /** When a process in the worker's container was last killed for want of memory, in Unix ms. Lossy, too. */
  outOfMemoryAt(containerId: string): Promise<number | null>;
  /** Begins to fetch an image and returns at once; `pullOf` says what became of it. */
  pull(reference: string): void;
  pullOf(reference: string): Pull;
  /** Nobody waits for it any more: as if it had not been begun. One that is not begun counts as done. */
  abortPull(reference: string): void;
  /**
   * Runs the image's own command with the argument `check`, where it can reach and change nothing: a worker's settings,
   * their secrets replaced, and an empty database. Refusals as for `start`; refused, too, what was asked for too often.
   */
  startCheck(order: { readonly requestId: number } & Revision): Promise<StartRefusal>;
  /** Holds an image, by a container that is created and never started. Held already counts as done. */
  hold(revision: Revision): Promise<void>;
  letGo(imageId: string): Promise<void>;
  /** SIGTERM, after the grace SIGKILL; resolves once it has ended. Already stopped or gone counts as done. */
  stop(containerId: string, graceMs: number): Promise<void>;
  /** Gone counts as done. */
  remove(containerId: string): Promise<void>;
  /** The last lines of what it printed since, oldest first; none when it is gone. */
  logTail(containerId: string, lines: number, since: number): Promise<readonly string[]>;
  /** Calls `onChange` when something may have happened to the worker. Lossy: only ever a reason to look. */
  watch(onChange: () => void, signal: AbortSignal): void;
}
