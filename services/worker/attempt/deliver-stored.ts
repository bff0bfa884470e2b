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
  const delivered = await deliver(ports, task, { ...reply, draft: answer.draft, onArrival }, signal);
  if (delivered.kind === "forbidden") return park(ports, task, delivered.detail);
  const refused = delivered.kind === "refused" ? { error: delivered.detail, errorClass: "not_delivered" } : null;
  if (refused) fail(db, task, refused);
  const failure = refused ?? problem;
  tellEnd(ports, task, failure);
}

function tellEnd({ db, log }: StoredDeliveryPorts, task: Task, failure: Failure | null): void {
  if (!log.isLevelEnabled("info")) return;
  const outcome = failure === null ? "answered" : failure.errorClass === SET_ASIDE ? SET_ASIDE : "failed";
  const about = { event_id: task.agentId, task_id: task.id, outcome, ...finished(db, task.id), ...failure };
  log.info(about, failure ? "message failed" : "message answered");
}

interface ToSend {
  readonly reply: Omit<Reply, "draft" | "onArrival">;
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

/** The chat lets nothing in. What is stored for it waits, and is sent once a message comes from there. */
function park({ db, log }: StoredDeliveryPorts, task: Task, reason: string): void {
  inTransaction(db, () => {
    logEvent(db, task.processId, EventType.ChatParked, { chat_id: task.chatId, reason });
    release(db, task, { error: reason, errorClass: "chat_parked" });
  });
  log.warn({ event_id: task.agentId, task_id: task.id, reason }, "chat parked");
}
