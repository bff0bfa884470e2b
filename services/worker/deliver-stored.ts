import { storedReply } from "../../shared/history.ts";
import type { Logger } from "../../shared/logging.ts";
import { replyOf, type StoredReply } from "../../shared/stored-reply.ts";
import { errorLine } from "./agent/messages.ts";
import { complete, type Failure, fail, storedError, type Task } from "./claims.ts";
import { type DeliveryPorts, deliver } from "./delivery/deliver.ts";

export type StoredDeliveryPorts = DeliveryPorts & { readonly log: Logger };

/** Delivers what is stored for a message, and ends it. */
export async function deliverStored(ports: StoredDeliveryPorts, task: Task, signal: AbortSignal): Promise<void> {
  const { db, log } = ports;
  const { reply, problem } = whatToSend(ports, task);
  const delivered = await deliver(ports, task, reply, signal);
  const refused = delivered.kind === "refused" ? { error: delivered.detail, errorClass: "not_delivered" } : null;
  const failure = refused ?? problem;
  if (failure) fail(db, task, failure);
  else complete(db, task);
  log.info({ event_id: task.agentId, task_id: task.id, ...failure }, failure ? "message failed" : "message answered");
}

function whatToSend({ db }: StoredDeliveryPorts, task: Task): { reply: StoredReply; problem: Failure | null } {
  const error = storedError(db, task.id);
  if (error === null) return { reply: replyOf(db, task.id) ?? { text: storedReply(db, task.id) ?? "" }, problem: null };
  const retry = task.kind === "message" ? { buttons: [[{ text: "Retry", data: `retry:${task.id}` }]] } : {};
  return { reply: { text: errorLine(error, task.agentId), ...retry }, problem: { error, errorClass: error } };
}
