import { EventType } from "./event-types.ts";

/** Every type of event that an attempt at a message is told by. These alone may leave the log, for an archive. */
export const AGENT_TREE: readonly string[] = [
  EventType.AgentStarted,
  EventType.ContextAssembled,
  EventType.TurnStarted,
  EventType.TurnCompleted,
  EventType.TurnFailed,
  EventType.ToolCallStarted,
  EventType.ToolCallCompleted,
  EventType.ToolCallFailed,
  EventType.LimitReached,
  EventType.ProgressStalled,
  EventType.RetryScheduled,
  EventType.RetryExhausted,
  EventType.MessageSetAside,
  EventType.ReplySending,
  EventType.ReplySent,
  EventType.ReplyFailed,
  EventType.AgentCompleted,
  EventType.AgentFailed,
];
