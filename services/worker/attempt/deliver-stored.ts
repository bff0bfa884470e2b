import { inTransaction } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { storedReply } from "../../../shared/history.ts";
import type { Logger } from "../../../shared/logging.ts";
import { replyOf } from "../../../shared/stored-reply.ts";
import { errorLine } from "../agent/messages.ts";
import { deliver, type Reply } from "../delivery/deliver.ts";
import type { DeliveryPorts } from "../delivery/delivery-ports.ts";
import type { DraftState } from "../delivery/draft.ts";
import { complete, type Failure, fail, release, storedError, type Task } from "../queue/claims.ts";
import { SET_ASIDE } from "../queue/dead-claims.ts";
import { finished } from "./finished-message.ts";

export type StoredDeliveryPorts = DeliveryPorts & { readonly log: Logger };

/** What the attempt knows of it; `text` is null when an earlier one stored what is to be sent. */
export interface StoredAnswer {
  readonly text: string | null;
  readonly draft: DraftState;
}

export const STORED_EARLIER: StoredAnswer = { text: null, draft: "never begun" };

/** Delivers what is stored for a message, and ends it. */
export async function deliverStored(
  ports: StoredDeliveryPorts,
  task: Task,
  answer: StoredAnswer,
  signal: AbortSignal,
): Promise<void> {
  const { db } = ports;
  const { reply, problem } = whatToSend(ports, task, answer.text);
  const onArrival = () => (problem ? fail(db, task, problem) : complete(db, task));
  const onRefusal = (detail: string) => fail(db, task, notDelivered(detail));
  const delivered = await deliver(ports, task, { ...reply, draft: answer.draft, onArrival, onRefusal }, signal);
  if (delivered.kind === "forbidden") return park(ports, task, delivered.detail);
  if (delivered.kind === "put off") return putOff(ports, task, delivered.retryAfterMs);
  tellEnd(ports, task, delivered.kind === "refused" ? notDelivered(delivered.detail) : problem);
}

const notDelivered = (detail: string): Failure => ({ error: detail, errorClass: "not_delivered" });

function tellEnd({ db, log }: StoredDeliveryPorts, task: Task, failure: Failure | null): void {
  if (!log.isLevelEnabled("info")) return;
  const outcome = failure === null ? "answered" : failure.errorClass === SET_ASIDE ? SET_ASIDE : "failed";
  const about = { event_id: task.agentId, task_id: task.id, outcome, ...finished(db, task.id), ...failure };
  log.info(about, failure ? "message failed" : "message answered");
}

interface ToSend {
  readonly reply: Omit<Reply, "draft" | "onArrival" | "onRefusal">;
  readonly problem: Failure | null;
}

/** An error line, a command's answer, or the model's. */
function whatToSend({ db }: StoredDeliveryPorts, task: Task, text: string | null): ToSend {
  if (text !== null) return { reply: { text, format: "markdown" }, problem: null };
  const error = storedError(db, task.id);
  if (error !== null) {
    const retry = task.kind === "message" ? { buttons: [[{ text: "Retry", data: `retry:${task.id}` }]] } : {};
    const reply = { text: errorLine(error, task.agentId), format: "plain", ...retry } as const;
    return { reply, problem: { error, errorClass: error } };
  }
  const ours = replyOf(db, task.id);
  if (ours) return { reply: { ...ours, format: "plain" }, problem: null };
  return { reply: { text: storedReply(db, task.id) ?? "", format: "markdown" }, problem: null };
}

/** It runs alone, and all others would wait with it: it is sent when Telegram takes it again. */
function putOff({ db, log }: StoredDeliveryPorts, task: Task, retryAfterMs: number): void {
  release(db, task, { error: `Telegram asks to wait ${retryAfterMs / 1000} s`, errorClass: "put_off" }, retryAfterMs);
  log.warn({ event_id: task.agentId, task_id: task.id, retry_after_ms: retryAfterMs }, "message put off");
}

/** The chat lets nothing in. What is stored for it waits, and is sent once a message comes from there. */
function park({ db, log }: StoredDeliveryPorts, task: Task, reason: string): void {
  inTransaction(db, () => {
    logEvent(db, task.processId, EventType.ChatParked, { chat_id: task.chatId, reason });
    release(db, task, { error: reason, errorClass: "chat_parked" });
  });
  log.warn({ event_id: task.agentId, task_id: task.id, reason }, "chat parked");
}
