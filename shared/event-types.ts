/**
 * Every fact this system records: a past tense, dotted. What belongs to an event hangs under it (`parent_id`).
 * Payloads carry ids, numbers, digests and reasons, never what people wrote, so nothing here has to be erased.
 */
export const EventType = {
  // By the supervisor and the worker, each for itself. The supervisor's is a root; the worker's hangs under the
  // supervisor that started it.
  ProcessStarted: "process.started",

  // By the worker, under its own process.started.
  WorkerReady: "worker.ready",
  OffsetReset: "telegram.offset_reset",
  UpstreamUnavailable: "upstream.unavailable",
  UpstreamAvailable: "upstream.available",
  OperatorTold: "operator.told",

  // By the supervisor, under its own process.started.
  WorkerSpawned: "worker.spawned",
  WorkerStopping: "worker.stopping",
  WorkerExited: "worker.exited",
  RestartScheduled: "restart.scheduled",
  CrashLoopDetected: "crash_loop.detected",
  RevisionQuarantined: "revision.quarantined",
  RollbackStarted: "rollback.started",
  RollbackAttempted: "rollback.attempted",
  RollbackRejected: "rollback.rejected",
  DeployStarted: "deploy.started",
  DeployRejected: "deploy.rejected",
  DeployFailed: "deploy.failed",
  SupervisorHalted: "supervisor.halted",
  DockerUnavailable: "docker.unavailable",
  DockerAvailable: "docker.available",
  AlertSent: "alert.sent",

  // By the supervisor, a root: it outlives the supervisor that saw it.
  RevisionPromoted: "revision.promoted",

  // By an operator through the CLI, the console or the worker; roots. The supervisor answers with the request's id.
  DeployRequested: "deploy.requested",
  RollbackRequested: "rollback.requested",
  StopRequested: "stop.requested",
  StartRequested: "start.requested",
  HoldRequested: "hold.requested",
  UnholdRequested: "unhold.requested",

  // By the worker, a tree for each attempt at a message: agent.started is its root, turn.*, reply.* and the end hang
  // under it. When a worker dies the supervisor writes the agent.failed of what it left open.
  AgentStarted: "agent.started",
  TurnStarted: "turn.started",
  TurnCompleted: "turn.completed",
  TurnFailed: "turn.failed",
  ReplySending: "reply.sending",
  ReplySent: "reply.sent",
  AgentCompleted: "agent.completed",
  AgentFailed: "agent.failed",
} as const;

export type EventType = (typeof EventType)[keyof typeof EventType];

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
  | "crash";

/** Who asks for something, and from where: "cli" by "node@server". */
interface Requested {
  readonly by: string;
  readonly from: "cli" | "console" | "chat";
}

interface RevisionNamed {
  readonly revision: string;
  readonly image_id: string;
}

export interface EventPayloads {
  "process.started": {
    readonly role: "supervisor" | "worker";
    readonly pid: number;
    readonly version: string;
    readonly instance?: string;
    readonly bot_id?: number;
  };
  "worker.ready": { readonly poll_ms: number };
  /** Nobody's fault here: it freezes the supervisor's deadlines. Under the worker's process.started. */
  "upstream.unavailable": { readonly upstream: "telegram"; readonly reason: string };
  "upstream.available": { readonly upstream: "telegram"; readonly outage_ms: number };
  /** The operator was told of an event in a chat. */
  "operator.told": { readonly about: number; readonly chat_id: number; readonly message_id: number };
  "telegram.offset_reset": { readonly bot_id: number; readonly epoch: number; readonly offset_sent: number };

  "worker.spawned": RevisionNamed & {
    readonly pid: number | null;
    readonly instance: string;
    readonly container_id: string;
  };
  "worker.stopping": {
    readonly instance: string;
    readonly cause: "asked" | "hang" | "never ready";
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
  "rollback.attempted": {
    readonly target_revision: string;
    readonly success: boolean;
    readonly from_revision: string;
    readonly reason: string;
    readonly request_id: number | null;
    readonly error: string | null;
  };
  "rollback.rejected": { readonly request_id: number; readonly reason: string };
  /** `configured`: the image that the configuration names, met for the first time. */
  "deploy.started": RevisionNamed & { readonly request_id: number | null; readonly reason: "requested" | "configured" };
  "deploy.rejected": { readonly request_id: number; readonly revision: string; readonly reason: string };
  "deploy.failed": RevisionNamed & { readonly request_id: number | null; readonly reason: string };
  "supervisor.halted": { readonly reason: string };
  "docker.unavailable": { readonly reason: string };
  "docker.available": { readonly outage_ms: number };
  /** The operator's webhook has taken an event. */
  "alert.sent": { readonly about: number };
  "revision.promoted": RevisionNamed & {
    readonly evidence: { readonly ready_seconds: number; readonly instance: string };
  };

  "deploy.requested": Requested & { readonly revision: string };
  "rollback.requested": Requested & { readonly revision: string | null };
  "stop.requested": Requested;
  "start.requested": Requested;
  "hold.requested": Requested;
  "unhold.requested": Requested;

  "agent.started": {
    readonly chat_id: number;
    readonly task_id: number;
    readonly update_id: number;
    readonly process_id: number;
    readonly attempt: number;
    readonly resumes?: number;
  };
  "turn.started": { readonly model: string };
  "turn.completed": {
    readonly model: string;
    readonly latency_ms: number;
    readonly input_tokens: number | null;
    readonly output_tokens: number | null;
    readonly finish_reason: string;
  };
  "turn.failed": {
    readonly model: string;
    readonly latency_ms: number;
    readonly error_class: string;
    readonly error: string;
  };
  "reply.sending": {
    readonly chat_id: number;
    readonly part: number;
    readonly parts: number;
    readonly uncertain?: true;
  };
  "reply.sent": {
    readonly chat_id: number;
    readonly message_id: number;
    readonly part: number;
    readonly parts: number;
    readonly uncertain?: true;
  };
  "agent.completed": { readonly task_id: number };
  "agent.failed": { readonly task_id: number; readonly error: string; readonly error_class: string };
}
