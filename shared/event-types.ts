import type { AgentPayloads } from "./payloads/agent-payloads.ts";
import type { ArchivePayloads } from "./payloads/archive-payloads.ts";
import type { Claimed } from "./payloads/claimed.ts";
import type { RequestPayloads } from "./payloads/request-payloads.ts";
import type { SupervisorPayloads } from "./payloads/supervisor-payloads.ts";
import type { WorkerPayloads } from "./payloads/worker-payloads.ts";

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
  BotNamed: "telegram.named",
  UpstreamUnavailable: "upstream.unavailable",
  UpstreamAvailable: "upstream.available",
  OperatorTold: "operator.told",
  CircuitOpened: "circuit.opened",
  CircuitHalfOpen: "circuit.half_open",
  CircuitClosed: "circuit.closed",
  BudgetNoticed: "budget.noticed",
  BudgetRaised: "budget.raised",
  MessageOverdue: "message.overdue",
  // What holds for a chat until the opposite is recorded.
  ChatPaired: "chat.paired",
  ChatUnpaired: "chat.unpaired",
  ChatRefused: "chat.refused",
  ChatPaused: "chat.paused",
  ChatResumed: "chat.resumed",
  ChatRenewed: "chat.renewed",
  ChatParked: "chat.parked",
  ChatUnparked: "chat.unparked",
  ChatMigrated: "chat.migrated",

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
  SchemaMade: "schema.made",
  StateRepaired: "state.repaired",
  StateReplaced: "state.replaced",

  // By the supervisor, a root: it outlives the supervisor that saw it.
  RevisionPromoted: "revision.promoted",

  // By an operator through the CLI, the console or the worker; roots. The supervisor answers with the request's id.
  DeployRequested: "deploy.requested",
  RollbackRequested: "rollback.requested",
  StopRequested: "stop.requested",
  StartRequested: "start.requested",
  HoldRequested: "hold.requested",
  UnholdRequested: "unhold.requested",
  CancelRequested: "cancel.requested",
  /** Carried out by whoever asks: the message is queued again in the same transaction. */
  MessageRetried: "message.retried",
  /** Carried out likewise: the message is not tried any more. */
  MessageDropped: "message.dropped",
  /** Likewise, by the person whom it was to be an answer to. */
  MessageStopped: "message.stopped",
  LogArchived: "log.archived",
  /** Into the journal, while no supervisor runs. */
  LogRestored: "log.restored",
  ChatForgotten: "chat.forgotten",

  // By the worker, a tree for each attempt at a message: agent.started is its root, tool_call.* hang under their
  // turn.started, the rest under the root. When a worker dies the supervisor writes the agent.failed of what it left open.
  AgentStarted: "agent.started",
  ContextAssembled: "context.assembled",
  TurnStarted: "turn.started",
  TurnCompleted: "turn.completed",
  TurnFailed: "turn.failed",
  ToolCallStarted: "tool_call.started",
  ToolCallCompleted: "tool_call.completed",
  ToolCallFailed: "tool_call.failed",
  LimitReached: "control.limit_reached",
  ProgressStalled: "progress.stalled",
  RetryScheduled: "retry.scheduled",
  RetryExhausted: "retry.exhausted",
  MessageSetAside: "message.set_aside",
  ReplySending: "reply.sending",
  ReplySent: "reply.sent",
  ReplyFailed: "reply.failed",
  AgentCompleted: "agent.completed",
  AgentFailed: "agent.failed",
} as const;

export type EventType = (typeof EventType)[keyof typeof EventType];

export interface EventPayloads
  extends SupervisorPayloads,
    WorkerPayloads,
    RequestPayloads,
    AgentPayloads,
    ArchivePayloads {
  "process.started": Claimed & {
    readonly role: "supervisor" | "worker";
    readonly pid: number;
    readonly version: string;
    readonly instance?: string;
    readonly bot_id?: number;
  };
}
