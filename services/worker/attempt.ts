import { inTransaction } from "../../shared/database.ts";
import { logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { storedReply } from "../../shared/history.ts";
import type { Logger } from "../../shared/logging.ts";
import { think } from "./agent/loop.ts";
import { errorLine } from "./agent/messages.ts";
import type { AgentPorts, AgentSettings } from "./agent/ports.ts";
import type { NoAnswer } from "./agent/thought.ts";
import {
  complete,
  fail,
  markReplying,
  release,
  retriesSoFar,
  scheduleRetry,
  storedError,
  type Task,
} from "./claims.ts";
import { decideRetry } from "./control/retry.ts";
import { type DeliveryPorts, deliver } from "./delivery.ts";

export type AttemptPorts = AgentPorts & DeliveryPorts & { readonly log: Logger };

export interface AttemptSettings extends AgentSettings {
  readonly maxRetries: number;
}

/**
 * One attempt at a claimed message: have it answered, unless an earlier attempt stored the answer, and deliver what is
 * stored. What the model refuses for now is tried again later. When `signal` aborts, the message is given back as it is.
 */
export async function attempt(
  ports: AttemptPorts,
  task: Task,
  settings: AttemptSettings,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (!task.stored) {
      void ports.sender.showTyping(task.chatId, signal);
      const thought = await think(ports, task, { settings, signal });
      if (thought.kind === "refused" && afterRefusal(ports, task, thought, settings.maxRetries) === "later") return;
    }
    await deliverStored(ports, task, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    release(ports.db, task);
  }
}

/** Queues the message for later, or stores why there is no answer, to be told now. */
function afterRefusal({ db, log }: AttemptPorts, task: Task, refusal: NoAnswer, maxRetries: number): "later" | "told" {
  const retries = retriesSoFar(db, task.id);
  const next = decideRetry(refusal, retries, maxRetries, Math.random());
  if (next.kind === "retry") {
    scheduleRetry(db, task, { ...next, refusal });
    log.warn(
      { event_id: task.agentId, task_id: task.id, reason: refusal.reason, ...next },
      "message tried again later",
    );
    return "later";
  }
  inTransaction(db, () => {
    const payload = { task_id: task.id, retries, error_class: refusal.reason };
    if (retries > 0) logEvent(db, task.agentId, EventType.RetryExhausted, payload);
    markReplying(db, task, refusal.reason);
  });
  return "told";
}

async function deliverStored(ports: AttemptPorts, task: Task, signal: AbortSignal): Promise<void> {
  const { db, log } = ports;
  const { text, problem } = whatToSend(ports, task);
  const delivered = await deliver(ports, task, text, signal);
  const refused = delivered.kind === "refused" ? { error: delivered.detail, errorClass: "not_delivered" } : null;
  const failure = refused ?? problem;
  if (failure) fail(db, task, failure);
  else complete(db, task);
  log.info({ event_id: task.agentId, task_id: task.id, ...failure }, failure ? "message failed" : "message answered");
}

function whatToSend({ db }: AttemptPorts, task: Task) {
  const error = storedError(db, task.id);
  if (error === null) return { text: storedReply(db, task.id) ?? "", problem: null };
  return { text: errorLine(error, task.agentId), problem: { error, errorClass: error } };
}
