import { storedReply } from "../../shared/history.ts";
import type { Logger } from "../../shared/logging.ts";
import { replyOf, type StoredReply } from "../../shared/stored-reply.ts";
import { type AgentPorts, think } from "./agent/loop.ts";
import { errorLine } from "./agent/messages.ts";
import { complete, type Failure, fail, markReplying, release, storedError, type Task } from "./claims.ts";
import { type DeliveryPorts, deliver } from "./delivery/deliver.ts";

export type AttemptPorts = AgentPorts & DeliveryPorts & { readonly log: Logger };

/**
 * One attempt at a claimed message: have it answered, unless an earlier attempt stored the answer, and deliver what is
 * stored. When `signal` aborts, the message is given back as it is.
 */
export async function attempt(
  ports: AttemptPorts,
  task: Task,
  historyWindow: number,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (!task.stored) {
      void ports.sender.showTyping(task.chatId, signal);
      const thought = await think(ports, task, { historyWindow, signal });
      if (thought.kind === "refused") markReplying(ports.db, task, thought.reason);
    }
    await deliverStored(ports, task, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    release(ports.db, task);
  }
}

/** Delivers what is stored for a message, and ends it. */
export async function deliverStored(ports: AttemptPorts, task: Task, signal: AbortSignal): Promise<void> {
  const { db, log } = ports;
  const { reply, problem } = whatToSend(ports, task);
  const delivered = await deliver(ports, task, reply, signal);
  const refused = delivered.kind === "refused" ? { error: delivered.detail, errorClass: "not_delivered" } : null;
  const failure = refused ?? problem;
  if (failure) fail(db, task, failure);
  else complete(db, task);
  log.info({ event_id: task.agentId, task_id: task.id, ...failure }, failure ? "message failed" : "message answered");
}

function whatToSend({ db }: AttemptPorts, task: Task): { reply: StoredReply; problem: Failure | null } {
  const error = storedError(db, task.id);
  if (error === null) return { reply: replyOf(db, task.id) ?? { text: storedReply(db, task.id) ?? "" }, problem: null };
  const retry = task.kind === "message" ? { buttons: [[{ text: "Retry", data: `retry:${task.id}` }]] } : {};
  return { reply: { text: errorLine(error, task.agentId), ...retry }, problem: { error, errorClass: error } };
}
