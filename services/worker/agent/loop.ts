import type { Clock } from "../../../shared/clock.ts";
import { type Database, inTransaction } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { recentHistory, remember } from "../../../shared/history.ts";
import { markReplying, type Task } from "../claims.ts";
import type { Completion, Model, Refusal } from "../model/model.ts";
import { assembleContext } from "./context.ts";

export interface AgentPorts {
  readonly db: Database;
  readonly clock: Clock;
  readonly model: Model;
}

/** `stored`: what is to be sent is in the tables. A refusal is the caller's to try again, or to tell. */
export type Thought = { readonly kind: "stored" } | Refusal;

/**
 * Has the model answer a message and stores the reply, together with the turn's outcome: a crash afterwards sends it and
 * does not pay for another turn. Rejects only when `signal` aborts; then nothing is stored.
 */
export async function think(
  ports: AgentPorts,
  task: Task,
  options: {
    readonly historyWindow: number;
    readonly onText: (textSoFar: string) => void;
    readonly signal: AbortSignal;
  },
): Promise<Thought> {
  const { db, clock, model } = ports;
  const messages = assembleContext(recentHistory(db, task.chatId, options.historyWindow), task.text);
  logEvent(db, task.agentId, EventType.TurnStarted, { model: model.name, turn: 1 });
  const startedAt = clock.now();
  const { onText, signal } = options;
  const answer = await model.complete({ messages, tools: [], maxOutputTokens: null, onText }, signal);
  const latency_ms = clock.now() - startedAt;
  if (answer.kind === "refused") return recordRefusal(ports, task, answer, latency_ms);
  if (answer.content.trim() === "") return recordRefusal(ports, task, NOTHING_SAID, latency_ms);
  storeReply(ports, task, answer, latency_ms);
  return { kind: "stored" };
}

/** It called a tool, say, and none was offered. */
const NOTHING_SAID: Refusal = { kind: "refused", reason: "malformed", detail: "no text", retryAfterMs: null };

function storeReply({ db, model }: AgentPorts, task: Task, completion: Completion, latency_ms: number): void {
  inTransaction(db, () => {
    logEvent(db, task.agentId, EventType.TurnCompleted, {
      model: model.name,
      latency_ms,
      input_tokens: completion.inputTokens,
      cached_tokens: completion.cachedTokens,
      output_tokens: completion.outputTokens,
      finish_reason: completion.finishReason,
      cost_usd: null,
    });
    remember(db, task.chatId, task.id, { role: "user", text: task.text });
    remember(db, task.chatId, task.id, { role: "assistant", text: completion.content });
    markReplying(db, task, null);
  });
}

function recordRefusal({ db, model }: AgentPorts, task: Task, refusal: Refusal, latency_ms: number): Refusal {
  const { reason: error_class, detail: error } = refusal;
  logEvent(db, task.agentId, EventType.TurnFailed, { model: model.name, latency_ms, error_class, error });
  return refusal;
}
