import { type Database, sql } from "./database.ts";
import { childrenOf, eventById, type LoggedEvent } from "./event-log.ts";

/** One message from its arrival to its end: all attempts at it, told together. Times are Unix milliseconds. */
export interface MessageStory {
  readonly taskId: number;
  readonly chatId: number;
  readonly status: string;
  readonly error: string | null;
  readonly receivedAt: number;
  /** Null while it is open. */
  readonly endedAt: number | null;
  /** Until the first attempt; null before it. */
  readonly waitedMs: number | null;
  /** The `agent.started` of each attempt, oldest first. */
  readonly attempts: readonly number[];
  readonly turns: number;
  readonly failedTurns: number;
  readonly models: readonly string[];
  readonly modelMs: number;
  /** How often each tool was called. */
  readonly tools: Readonly<Record<string, number>>;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** Null when no turn had a price. */
  readonly costUsd: number | null;
  /** Messages of ours that arrived, and how many of those may have arrived twice. */
  readonly sends: number;
  readonly uncertainSends: number;
}

/** Null when there is no such message. */
export function readStory(db: Database, taskId: number): MessageStory | null {
  const row = sql(
    db,
    `SELECT id AS taskId, chat_id AS chatId, status, error, created_at AS receivedAt, updated_at AS updatedAt,
            status IN ('queued', 'in_progress', 'replying') AS isOpen FROM inbox WHERE id = ?`,
  ).get(taskId) as StoryRow | undefined;
  if (!row) return null;
  const { updatedAt, isOpen, ...known } = row;
  const attempts = attemptsAt(db, taskId);
  const events = attempts.flatMap((id) => eventsUnder(db, id));
  const firstAt = attempts[0] === undefined ? null : (eventById(db, attempts[0])?.timestamp ?? null);
  return {
    ...known,
    endedAt: isOpen ? null : updatedAt,
    waitedMs: firstAt === null ? null : Math.max(firstAt - row.receivedAt, 0),
    attempts,
    ...summaryOf(events),
  };
}

interface StoryRow extends Pick<MessageStory, "taskId" | "chatId" | "status" | "error" | "receivedAt"> {
  readonly updatedAt: number;
  readonly isOpen: 0 | 1;
}

function attemptsAt(db: Database, taskId: number): number[] {
  const query = `SELECT id FROM events WHERE event_type = 'agent.started' AND json_extract(payload, '$.task_id') = ?
      ORDER BY id`;
  return sql(db, query).pluck().all(taskId) as number[];
}

/** The events of one attempt, in the order of its tree: what belongs to a turn comes right after its start. */
export function eventsUnder(db: Database, attemptId: number): LoggedEvent[] {
  return childrenOf(db, attemptId).flatMap((event) => [event, ...toolCalls(db, event)]);
}

function toolCalls(db: Database, { id, eventType }: LoggedEvent): LoggedEvent[] {
  return eventType === "turn.started" ? childrenOf(db, id) : [];
}

function summaryOf(events: readonly LoggedEvent[]) {
  const of = (...types: string[]) => events.filter(({ eventType }) => types.includes(eventType));
  const sum = (name: string, list: readonly LoggedEvent[]) =>
    list.reduce((total, { payload }) => total + Number(payload?.[name] ?? 0), 0);
  const completed = of("turn.completed");
  const ended = of("turn.completed", "turn.failed");
  const sent = of("reply.sent");
  const tools = Object.groupBy(of("tool_call.started"), ({ payload }) => String(payload?.tool_name));
  return {
    turns: completed.length,
    failedTurns: ended.length - completed.length,
    models: [...new Set(ended.map(({ payload }) => String(payload?.model)))],
    modelMs: sum("latency_ms", ended),
    tools: Object.fromEntries(Object.entries(tools).map(([name, calls]) => [name, calls?.length ?? 0])),
    inputTokens: sum("input_tokens", completed),
    cachedTokens: sum("cached_tokens", completed),
    outputTokens: sum("output_tokens", completed),
    costUsd: ended.some(({ payload }) => typeof payload?.cost_usd === "number") ? sum("cost_usd", ended) : null,
    sends: sent.length,
    uncertainSends: sent.filter(({ payload }) => payload?.uncertain === true).length,
  };
}
