import { inTransaction } from "../../shared/database.ts";
import { logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { storedReply } from "../../shared/history.ts";
import type { Logger } from "../../shared/logging.ts";
import { replyOf } from "../../shared/stored-reply.ts";
import { type AgentPorts, think } from "./agent/loop.ts";
import { errorLine } from "./agent/messages.ts";
import { complete, type Failure, fail, markReplying, release, storedError, type Task } from "./claims.ts";
import { deliver, type Reply } from "./delivery/deliver.ts";
import type { DeliveryPorts } from "./delivery/delivery-ports.ts";
import { createDraft } from "./delivery/draft.ts";
import { waitOut } from "./delivery/wait-out.ts";

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
    const draftIsLost = task.stored ? false : await answer(ports, task, historyWindow, signal);
    await deliverStored(ports, task, draftIsLost, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    release(ports.db, task);
  }
}

/** Resolves with the answer stored, to whether a draft of it may be in the chat without our knowing its id. */
async function answer(ports: AttemptPorts, task: Task, historyWindow: number, signal: AbortSignal): Promise<boolean> {
  const draft = createDraft(ports, task, signal);
  try {
    const thought = await think(ports, task, { historyWindow, onText: draft.show, signal });
    if (thought.kind === "refused") markReplying(ports.db, task, thought.reason);
  } finally {
    await draft.stop();
  }
  await waitOut(ports, task, draft.pauseMs(), signal);
  return draft.isLost();
}

/** Delivers what is stored for a message, and ends it; or leaves it for later, where the bot may not write now. */
export async function deliverStored(
  ports: AttemptPorts,
  task: Task,
  draftIsLost: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { db, log } = ports;
  const { reply, problem } = whatToSend(ports, task);
  const delivered = await deliver(ports, task, { ...reply, draftIsLost }, signal);
  if (delivered.kind === "forbidden") {
    park(ports, task, delivered.detail);
    return;
  }
  const refused = delivered.kind === "refused" ? { error: delivered.detail, errorClass: "not_delivered" } : null;
  const failure = refused ?? problem;
  if (failure) fail(db, task, failure);
  else complete(db, task);
  log.info({ event_id: task.agentId, task_id: task.id, ...failure }, failure ? "message failed" : "message answered");
}

type ToSend = Omit<Reply, "draftIsLost">;

function whatToSend({ db }: AttemptPorts, task: Task): { reply: ToSend; problem: Failure | null } {
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
function park({ db, log }: AttemptPorts, task: Task, reason: string): void {
  inTransaction(db, () => {
    logEvent(db, task.processId, EventType.ChatParked, { chat_id: task.chatId, reason });
    release(db, task, { error: reason, errorClass: "chat_parked" });
  });
  log.warn({ event_id: task.agentId, task_id: task.id, reason }, "chat parked");
}
