/** Why a worker's process ended. Only some of these speak against its revision: see exits.ts of the supervisor. */
export type ExitClass =
  /** We stopped it, because something else was to run, or nothing. */
  | "asked"
  /** It says that its configuration is wrong (78). */
  | "configuration"
  /** It says that an upstream gave up on it for now (75). */
  | "upstream"
  /** Somebody stopped or killed its container. */
  | "stopped from outside"
  /** Somebody removed its container. */
  | "removed"
  /** It ended while no supervisor was watching: the host, the engine or the supervisor went away. */
  | "host went away"
  | "start failed"
  | "out of memory"
  /** It was up and made no progress: we killed it. */
  | "hang"
  /** It did not get ready in time: we killed it. */
  | "never ready"
  /** It broke what it shares with others: the database, or its schema. */
  | "broke the state"
  /** It left no room on the volume that it shares. */
  | "filled the disk"
  | "crash";

interface LaidTo {
  readonly instance: string | null;
  readonly image_id: string | null;
}

interface RevisionNamed {
  readonly revision: string;
  readonly image_id: string;
}

/**
 * How a deploy or a rollback ended that was no failure: another one took its place. The id of the request that did; null
 * when it was cancelled, or when the configured image took its place. Absent: it was rejected, or has failed.
 */
interface Replaceable {
  readonly replaced_by?: number | null;
}

/** What the supervisor records of the workers, their revisions and the engine. */
export interface SupervisorPayloads {
  "worker.spawned": RevisionNamed & {
    readonly pid: number | null;
    readonly instance: string;
    readonly container_id: string;
  };
  "worker.stopping": {
    readonly instance: string;
    readonly cause: "asked" | "hang" | "never ready" | "broke the state" | "filled the disk";
    readonly reason: string;
  };
  "worker.exited": RevisionNamed & {
    readonly instance: string;
    readonly process_id: number | null;
    readonly class: ExitClass;
    readonly exit_code: number | null;
    readonly signal: string | null;
    readonly oom: boolean;
    readonly uptime_seconds: number;
    /** When the engine says that this run began: it tells the runs of one container apart. Not in the oldest logs. */
    readonly started_at?: number | null;
    /** How long it had been ready, null if it never was. */
    readonly ready_seconds: number | null;
    readonly error: string | null;
    readonly log_tail: readonly string[];
  };
  "restart.scheduled": { readonly delay_ms: number; readonly attempt: number };
  "crash_loop.detected": {
    readonly threshold: number;
    readonly window_seconds: number;
    readonly revision: string;
    readonly exits: readonly number[];
  };
  "revision.quarantined": RevisionNamed & { readonly reason: string };
  "rollback.started": {
    readonly target_revision: string;
    readonly image_id: string;
    readonly from_revision: string;
    readonly reason: string;
    readonly request_id: number | null;
  };
  "rollback.attempted": Replaceable & {
    readonly target_revision: string;
    readonly success: boolean;
    readonly from_revision: string;
    readonly reason: string;
    readonly request_id: number | null;
    readonly error: string | null;
  };
  "rollback.rejected": { readonly request_id: number; readonly reason: string };
  /** `configured`: the image that the configuration names, met for the first time. */
  "deploy.started": RevisionNamed & {
    readonly request_id: number | null;
    readonly reason: "requested" | "configured";
    /** What was free on the state volume then. Not in the oldest logs. */
    readonly free_bytes?: number;
  };
  "deploy.rejected": Replaceable & { readonly request_id: number; readonly revision: string; readonly reason: string };
  "deploy.failed": RevisionNamed & Replaceable & { readonly request_id: number | null; readonly reason: string };
  "supervisor.halted": { readonly reason: string };
  "docker.unavailable": { readonly reason: string };
  "docker.available": { readonly outage_ms: number };
  /** The operator's webhook has taken an event. */
  "alert.sent": { readonly about: number };
  /** The shared file's schema, as the supervisor made it: anything else there is foreign. */
  "schema.made": { readonly version: number; readonly digest: string };
  /** What was foreign in the shared file's schema is put right, after the worker that it is laid to, if it is to any. */
  "state.repaired": LaidTo & { readonly foreign: readonly string[] };
  /** The shared file could not be used any more: it is set aside under this name, and a new one holds this log. */
  "state.replaced": LaidTo & { readonly reason: string; readonly set_aside: string | null };
  "revision.promoted": RevisionNamed & {
    readonly evidence: { readonly ready_seconds: number; readonly instance: string };
  };
}
