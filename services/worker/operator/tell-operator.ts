import type { Clock } from "../../../shared/clock.ts";
import type { Database } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { type EventPayloads, EventType } from "../../../shared/event-types.ts";
import type { Logger } from "../../../shared/logging.ts";
import type { Sender, SendResult } from "../delivery/sender.ts";
import { type OwnerSettings, ownerChat } from "./owner-chat.ts";
import { rollbackMessage } from "./rollback-message.ts";
import { untoldRollback } from "./untold-rollback.ts";

export interface OperatorPorts {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly sender: Sender;
}

export interface OperatorSettings extends OwnerSettings {
  /** This worker's `process.started`. */
  readonly processId: number;
}

/** A rollback is recorded only once its target is ready, so the one that brought this worker is found a little later. */
const LOOK_AGAIN_MS = 5000;
/** Somebody has to write to the bot first. */
const LOOK_FOR_OWNER_MS = 60_000;
const FIRST_PAUSE_MS = 5000;
/** A chat that takes nothing is tried for as long as the worker lives: the owner may let the bot in again. */
const LONGEST_PAUSE_MS = 10 * 60_000;

type Outcome =
  | { readonly kind: "told" | "nothing to tell" | "nobody to tell" }
  | { readonly kind: "failed"; readonly detail: string }
  | Exclude<SendResult, { kind: "sent" }>;

/**
 * Tells the operator of the newest rollback, once, and of those to come, until `signal` aborts. Twice only when the
 * answer to a send was lost. Never rejects: the agent goes on without it.
 */
export async function keepOperatorTold(
  ports: OperatorPorts,
  settings: OperatorSettings,
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 0; !signal.aborted; ) {
    const outcome = await tellOfRollback(ports, settings, signal);
    if (signal.aborted) return;
    failures = "detail" in outcome ? failures + 1 : 0;
    if (failures > 0) ports.log.warn({ ...outcome, failures }, "the operator could not be told of a rollback");
    await ports.clock.sleep(pauseAfter(outcome, failures), signal);
  }
}

async function tellOfRollback(ports: OperatorPorts, settings: OperatorSettings, signal: AbortSignal): Promise<Outcome> {
  const { db, sender } = ports;
  try {
    const rollback = untoldRollback(db);
    if (!rollback) return { kind: "nothing to tell" };
    const owner = ownerChat(db, settings);
    if (!owner) return { kind: "nobody to tell" };
    const { chatId, isGuess } = owner;
    const message = rollbackMessage(isGuess ? { ...rollback, lastLines: [] } : rollback);
    const result = await sender.send(chatId, { text: message }, signal);
    if (result.kind !== "sent") return result;
    recordTold(ports, settings.processId, { about: rollback.eventId, chat_id: chatId, message_id: result.messageId });
    return { kind: "told" };
  } catch (error) {
    return { kind: "failed", detail: String(error) }; // also a bug of ours: no reason to take the agent down
  }
}

function recordTold({ db, log }: OperatorPorts, processId: number, told: EventPayloads["operator.told"]): void {
  const eventId = logEvent(db, processId, EventType.OperatorTold, told);
  log.info({ event_id: eventId, about: told.about }, EventType.OperatorTold);
}

function pauseAfter(outcome: Outcome, failures: number): number {
  if (outcome.kind === "nobody to tell") return LOOK_FOR_OWNER_MS;
  if (outcome.kind === "rate limited") return outcome.retryAfterMs;
  return failures === 0 ? LOOK_AGAIN_MS : Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
}
