import { deliverStored, STORED_EARLIER, type StoredDeliveryPorts } from "../attempt/deliver-stored.ts";
import { type AccessSettings, awaitsOwner } from "../intake/access.ts";
import type { Pairing } from "../intake/pairing.ts";
import { waitsForOlderReply } from "../queue/claimable.ts";
import { release, type Task } from "../queue/claims.ts";
import { carryOut } from "./carry-out.ts";
import type { Answer } from "./command.ts";

export type ControlPorts = StoredDeliveryPorts & {
  readonly pairing: Pairing;
  /** Aborts the attempt at a message, if it is in hand. */
  readonly abort: (taskId: number) => void;
};

const NOT_ITS_TURN = { error: "an older reply goes first", errorClass: "not_its_turn" };

/**
 * One attempt at a command or the press of a button: carry it out, unless an earlier attempt did, and deliver its reply
 * once those before it are. When `signal` aborts, it is given back as it is.
 */
export async function attemptControl(
  ports: ControlPorts,
  task: Task,
  access: AccessSettings,
  signal: AbortSignal,
): Promise<void> {
  try {
    const after = task.stored ? undefined : carryOut(ports, access, task);
    finish(ports, access, after);
    // Courtesies: the answer is a message, and who dies here leaves the rest as it is. They reject only when aborted.
    if (after?.kind === "take the buttons away" && task.messageId !== null) {
      ports.sender.edit(task.chatId, task.messageId, { text: after.text }, signal).catch(() => {});
    }
    if (task.callbackId !== null) ports.sender.answerButton(task.callbackId, null, signal).catch(() => {});
    if (waitsForOlderReply(ports.db, task.id)) return release(ports.db, task, NOT_ITS_TURN);
    await deliverStored(ports, task, STORED_EARLIER, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    release(ports.db, task);
  }
}

function finish({ db, pairing, abort }: ControlPorts, access: AccessSettings, after: Answer["after"]): void {
  if (after?.kind === "abort") abort(after.taskId);
  if (after?.kind === "await an owner" && awaitsOwner(db, access)) pairing.open();
}
