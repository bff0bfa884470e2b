import type { Task } from "../queue/claims.ts";
import type { DeliveryPorts } from "./delivery-ports.ts";
import { recordRefusal } from "./refused-send.ts";
import { aborted } from "./send-placeholder.ts";

/** A worker that is to stop has spent most of its time on the edit by now. */
const REMOVAL_MS = 1000;

/**
 * Gives up a draft whose last edit was cut off: carried out after the answer was written there, it would leave half an
 * answer for good. So the answer is sent anew, and the draft removed. That may come late, too: whatever becomes of it,
 * nothing is written into this message again, and at worst half an answer stays above the whole one. After a second
 * nothing waits for the removal; it ends with the sender's own limit, or once `signal` has aborted.
 */
export async function abandonDraft(
  { db, clock, sender }: DeliveryPorts,
  task: Task,
  messageId: number,
  signal: AbortSignal,
): Promise<void> {
  const place = { chat_id: task.chatId, part: 1, parts: 0, draft: true } as const;
  recordRefusal(db, task, place, { kind: "gone", detail: "given up: an edit was cut off, and may come late" });
  const cut = new AbortController();
  const patience = new AbortController();
  const removing = sender.remove(task.chatId, messageId, cut.signal).catch(() => {}); // it was cut off
  await Promise.race([removing, clock.sleep(REMOVAL_MS, patience.signal)]);
  patience.abort();
  void aborted(signal).then(() => cut.abort(signal.reason));
}
