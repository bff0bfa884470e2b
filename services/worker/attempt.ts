import { think } from "./agent/loop.ts";
import type { AgentPorts, AgentSettings } from "./agent/ports.ts";
import { release, type Task } from "./claims.ts";
import { deliverStored, type StoredDeliveryPorts } from "./deliver-stored.ts";
import { afterRefusal } from "./retries.ts";

export type AttemptPorts = AgentPorts & StoredDeliveryPorts;

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
