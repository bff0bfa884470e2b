import { think } from "../agent/loop.ts";
import type { AgentPorts, AgentSettings } from "../agent/ports.ts";
import { createDraft } from "../delivery/draft.ts";
import { STOPPED_HERE } from "../delivery/end-draft.ts";
import { waitOut } from "../delivery/wait-out.ts";
import { release, type Task, wasStopped } from "../queue/claims.ts";
import { afterRefusal } from "../queue/retries.ts";
import { deliverStored, STORED_EARLIER, type StoredAnswer, type StoredDeliveryPorts } from "./deliver-stored.ts";

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
    const answer = task.stored ? STORED_EARLIER : await answerTo(ports, task, settings, signal);
    if (answer !== "later") await deliverStored(ports, task, answer, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    release(ports.db, task);
  }
}

/** `later`: the model refused for now. */
async function answerTo(
  ports: AttemptPorts,
  task: Task,
  settings: AttemptSettings,
  signal: AbortSignal,
): Promise<StoredAnswer | "later"> {
  const draft = createDraft(ports, task, signal);
  const thought = await think(ports, task, { settings, onText: draft.show, signal }).finally(async () => {
    await draft.stop();
    if (signal.aborted && wasStopped(ports.db, task)) await draft.close(STOPPED_HERE);
  });
  if (thought.kind === "refused" && afterRefusal(ports, task, thought, settings.maxRetries) === "later") {
    return "later";
  }
  await waitOut(ports, task, draft.pauseMs(), signal);
  return { text: thought.kind === "stored" ? thought.text : null, draft: draft.state() };
}
