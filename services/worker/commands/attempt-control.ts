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
    if (!task.stored) finish(ports, access, carryOut(ports, access, task));
    // Only ends the wait that Telegram shows; the answer is a message. It rejects only when aborted.
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
