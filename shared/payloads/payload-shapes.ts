import type { EventPayloads, EventType } from "../event-types.ts";

/** What a field has to be to be read; with a question mark it may be absent, or null. */
type Kind = "text" | "number" | "truth" | "texts" | "numbers" | "ranges" | "object";
export type Field = Kind | `${Kind}?`;

type KindOf<V> = [V] extends [string]
  ? "text"
  : [V] extends [number]
    ? "number"
    : [V] extends [boolean]
      ? "truth"
      : [V] extends [readonly string[]]
        ? "texts"
        : [V] extends [readonly number[]]
          ? "numbers"
          : [V] extends [readonly (readonly number[])[]]
            ? "ranges"
            : "object";
type Optional<P> = { [F in keyof P]-?: object extends Pick<P, F> ? F : never }[keyof P];
type ShapeOf<P> = {
  readonly [F in Exclude<keyof P, Optional<P>>]: null extends P[F] ? `${KindOf<NonNullable<P[F]>>}?` : KindOf<P[F]>;
} & { readonly [F in Optional<P>]?: `${KindOf<NonNullable<P[F]>>}?` };

const chat = { chat_id: "number" } as const;
const asked = { by: "text", from: "text" } as const;
const revision = { revision: "text", image_id: "text" } as const;
const task = { task_id: "number" } as const;
const part = { chat_id: "number", part: "number", parts: "number", draft: "truth?" } as const;

/** The fields of every type of event, as they were declared: who wrote a row may have been anybody. */
export const PAYLOAD_SHAPES: { readonly [T in EventType]: ShapeOf<EventPayloads[T]> } = {
  "process.started": { role: "text", pid: "number", version: "text", instance: "text?", bot_id: "number?" },
  "worker.ready": { poll_ms: "number" },
  "telegram.offset_reset": { bot_id: "number", epoch: "number", offset_sent: "number" },
  "telegram.named": { bot_id: "number", username: "text" },
  "upstream.unavailable": { upstream: "text", reason: "text" },
  "upstream.available": { upstream: "text", outage_ms: "number" },
  "operator.told": { about: "number", chat_id: "number", message_id: "number" },
  "circuit.opened": { upstream: "text", failures: "number", reason: "text", open_ms: "number" },
  "circuit.half_open": { upstream: "text" },
  "circuit.closed": { upstream: "text" },
  "budget.noticed": { day: "text", percent: "number", spent_usd: "number", budget_usd: "number" },
  "budget.raised": { day: "text", usd: "number", chat_id: "number", about: "number?" },
  "message.overdue": { ...task, age_seconds: "number", status: "text" },
  "chat.paired": { ...chat, sender_id: "number?" },
  "chat.unpaired": chat,
  "chat.refused": chat,
  "chat.paused": chat,
  "chat.resumed": chat,
  "chat.renewed": { ...chat, after_history_id: "number", after_task_id: "number?" },
  "chat.parked": { ...chat, reason: "text" },
  "chat.unparked": chat,
  "chat.migrated": { ...chat, to_chat_id: "number" },

  "worker.spawned": { ...revision, pid: "number?", instance: "text", container_id: "text" },
  "worker.stopping": { instance: "text", cause: "text", reason: "text" },
  "worker.exited": {
    ...revision,
    instance: "text",
    process_id: "number?",
    class: "text",
    exit_code: "number?",
    signal: "text?",
    oom: "truth",
    uptime_seconds: "number",
    started_at: "number?",
    ready_seconds: "number?",
    error: "text?",
    log_tail: "texts",
  },
  "restart.scheduled": { delay_ms: "number", attempt: "number" },
  "crash_loop.detected": { threshold: "number", window_seconds: "number", revision: "text", exits: "numbers" },
  "revision.quarantined": { ...revision, reason: "text" },
  "rollback.started": {
    target_revision: "text",
    image_id: "text",
    from_revision: "text",
    reason: "text",
    request_id: "number?",
  },
  "rollback.attempted": {
    target_revision: "text",
    success: "truth",
    from_revision: "text",
    reason: "text",
    request_id: "number?",
    error: "text?",
    replaced_by: "number?",
  },
  "rollback.rejected": { request_id: "number", reason: "text" },
  "deploy.started": { ...revision, request_id: "number?", reason: "text" },
  "deploy.rejected": { request_id: "number", revision: "text", reason: "text", replaced_by: "number?" },
  "deploy.failed": { ...revision, request_id: "number?", reason: "text", replaced_by: "number?" },
  "supervisor.halted": { reason: "text" },
  "docker.unavailable": { reason: "text" },
  "docker.available": { outage_ms: "number" },
  "alert.sent": { about: "number" },
  "schema.made": { version: "number", digest: "text" },
  "state.repaired": { foreign: "texts", instance: "text?", image_id: "text?" },
  "state.replaced": { reason: "text", set_aside: "text?", instance: "text?", image_id: "text?" },
  "revision.promoted": { ...revision, evidence: "object" },

  "deploy.requested": { ...asked, revision: "text" },
  "rollback.requested": { ...asked, revision: "text?", image_id: "text?" },
  "stop.requested": asked,
  "start.requested": asked,
  "hold.requested": asked,
  "unhold.requested": asked,
  "cancel.requested": asked,
  "message.retried": { ...asked, ...task },
  "message.dropped": { ...asked, ...task },
  "message.stopped": { ...asked, ...task },
  "log.archived": {
    by: "text",
    file: "text",
    from: "number?",
    to: "number?",
    ranges: "ranges",
    count: "number",
    messages: "number",
    sha256: "text",
    totals: "object",
  },
  "log.restored": { by: "text", events: "number", messages: "number", kept: "text?", journal: "text" },
  "chat.forgotten": { by: "text", ...chat, messages: "number", said: "number" },

  "agent.started": {
    ...chat,
    ...task,
    update_id: "number",
    process_id: "number",
    attempt: "number",
    resumes: "number?",
    command: "text?",
  },
  "context.assembled": {
    messages_available: "number",
    messages_used: "number",
    messages_cut: "number",
    system_tokens: "number",
    history_tokens: "number",
    message_tokens: "number",
  },
  "turn.started": { model: "text", turn: "number", reserved_usd: "number?" },
  "turn.completed": {
    model: "text",
    latency_ms: "number",
    input_tokens: "number?",
    cached_tokens: "number?",
    output_tokens: "number?",
    finish_reason: "text",
    cost_usd: "number?",
  },
  "turn.failed": { model: "text", latency_ms: "number", error_class: "text", error: "text", cost_usd: "number?" },
  "tool_call.started": { tool_name: "text", history_id: "number", digest: "text" },
  "tool_call.completed": { tool_name: "text", history_id: "number", digest: "text", latency_ms: "number" },
  "tool_call.failed": { tool_name: "text", error: "text", latency_ms: "number" },
  "control.limit_reached": { limit: "text", allowed: "number", used: "number" },
  "progress.stalled": { reason: "text", turns: "number" },
  "retry.scheduled": { ...task, retry: "number", delay_ms: "number", error_class: "text" },
  "retry.exhausted": { ...task, retries: "number", error_class: "text" },
  "message.set_aside": { ...task, exits: "numbers" },
  "reply.sending": { ...part, uncertain: "truth?" },
  "reply.sent": { ...part, message_id: "number", uncertain: "truth?" },
  "reply.failed": { ...part, error_class: "text", error: "text?" },
  "agent.completed": task,
  "agent.failed": { ...task, error: "text", error_class: "text" },
};
