import { type Database, inTransaction } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { remember } from "../../../shared/history.ts";
import type { LimitReached } from "../control/limits.ts";
import { markReplying, type Task } from "../queue/claims.ts";
import { unfinishedAnswer } from "./messages.ts";
import type { Thought } from "./thought.ts";

/** Stores a message and the answer to it, in the caller's transaction: from here on it is only delivered. */
export function storeAnswer(db: Database, task: Task, text: string): Thought {
  remember(db, task.chatId, task.id, { role: "user", text: task.text });
  remember(db, task.chatId, task.id, { role: "assistant", text });
  markReplying(db, task, null);
  return { kind: "stored", text };
}

/** The same for an answer that came to its end too early: it says so itself. */
export function storeCutAnswer(db: Database, task: Task, text: string, limit: LimitReached | null): Thought {
  if (limit) logEvent(db, task.agentId, EventType.LimitReached, limit);
  return storeAnswer(db, task, unfinishedAnswer(text, "tokens_exhausted", task.agentId));
}

/** Why a message comes to an end before the model had its say. */
export type Stop = LimitReached | { readonly limit: "progress" };

const REASONS = {
  turns: "turns_exhausted",
  wall_seconds: "wall_seconds_exhausted",
  tokens: "tokens_exhausted",
  progress: "stalled",
} as const;

/** Records a limit, and stores what text there is with the reason why there is no more; without any, that is told. */
export function stopAt(db: Database, task: Task, stop: Stop, texts: readonly string[]): Thought {
  const reason = REASONS[stop.limit];
  const text = texts.map((part) => part.trim()).filter((part) => part !== "");
  return inTransaction(db, (): Thought => {
    if (stop.limit !== "progress") logEvent(db, task.agentId, EventType.LimitReached, stop);
    if (text.length === 0) return { kind: "refused", reason, detail: reason, retryAfterMs: null };
    return storeAnswer(db, task, unfinishedAnswer(text.join("\n\n"), reason, task.agentId));
  });
}
