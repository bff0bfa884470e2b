import { isParked, presentChat } from "../../../shared/chat-state.ts";
import type { Clock } from "../../../shared/clock.ts";
import type { Database } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { type EventPayloads, EventType } from "../../../shared/event-types.ts";
import type { Logger } from "../../../shared/logging.ts";
import { outcomeLine } from "../../../shared/request-outcome.ts";
import { migrateChat } from "../delivery/migrate-chat.ts";
import { toParts, withButtons } from "../delivery/parts.ts";
import type { OutgoingMessage, Sender, SendResult } from "../delivery/sender.ts";
import { type OwnerSettings, ownerChat } from "./owner-chat.ts";
import { rollbackMessage } from "./rollback-message.ts";
import { untoldBudget } from "./untold-budget.ts";
import { untoldOutcome } from "./untold-outcome.ts";
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
  | { readonly kind: "told" | NoNews }
  | { readonly kind: "failed"; readonly detail: string }
  | Exclude<SendResult, { kind: "sent" }>;

type NoNews = "nothing to tell" | "nobody to tell";

/** What is to be told, of which event, and where. */
interface News {
  readonly about: number;
  readonly chatId: number;
  /** Of any length: it is sent in parts. */
  readonly message: OutgoingMessage;
}

/** What this process knows beyond the log. */
interface Progress {
  /** What Telegram did not take: it is told by the next worker, and holds nothing else back. */
  readonly refused: Set<number>;
  /** How many parts of it have arrived, where some have yet to. */
  readonly partsSent: Map<number, number>;
}

/**
 * Tells the operator of the newest rollback, of the newest notice of the day's budget, and of what became of each request
 * from a chat, once, and of those to come, until `signal` aborts. Twice only when the answer to a send was lost, or the
 * worker ended between two parts. Never rejects: the agent goes on without it.
 */
export async function keepOperatorTold(
  ports: OperatorPorts,
  settings: OperatorSettings,
  signal: AbortSignal,
): Promise<void> {
  const progress: Progress = { refused: new Set(), partsSent: new Map() };
  for (let failures = 0; !signal.aborted; ) {
    const outcome = await tellNews(ports, settings, progress, signal);
    if (signal.aborted) return;
    failures = "detail" in outcome ? failures + 1 : 0;
    if (failures > 0) ports.log.warn({ ...outcome, failures }, "the operator could not be told");
    await ports.clock.sleep(pauseAfter(outcome, failures), signal);
  }
}

async function tellNews(
  ports: OperatorPorts,
  settings: OperatorSettings,
  progress: Progress,
  signal: AbortSignal,
): Promise<Outcome> {
  const { db, sender, clock } = ports;
  try {
    const news = newsOfRequest(db, progress.refused) ?? newsForOwner(db, settings, clock.now());
    if (typeof news === "string") return { kind: news };
    const chat_id = presentChat(db, news.chatId);
    const result = await sendParts(sender, { ...news, chatId: chat_id }, progress.partsSent, signal);
    if (result.kind === "migrated") migrateChat(db, settings.processId, { from: chat_id, to: result.toChatId });
    // It lets nothing in until a message comes from there; what is to be told elsewhere does not wait for that.
    if (result.kind === "forbidden" && !isParked(db, chat_id)) {
      logEvent(db, settings.processId, EventType.ChatParked, { chat_id, reason: result.detail });
    }
    if (result.kind === "refused") progress.refused.add(news.about);
    if (result.kind !== "sent") return result;
    const { about } = news;
    recordTold(ports, settings.processId, { about, chat_id, message_id: result.messageId });
    return { kind: "told" };
  } catch (error) {
    return { kind: "failed", detail: String(error) }; // also a bug of ours: no reason to take the agent down
  }
}

/** Those that have arrived are left out. The result is that of the last that was sent. */
async function sendParts(
  sender: Sender,
  { about, chatId, message }: News,
  partsSent: Map<number, number>,
  signal: AbortSignal,
): Promise<SendResult> {
  const parts = withButtons(toParts(message.text, "plain"), message.buttons);
  let result: SendResult = { kind: "refused", detail: "there is nothing to tell in it" };
  for (const [index, part] of parts.entries()) {
    if (index < (partsSent.get(about) ?? 0)) continue;
    result = await sender.send(chatId, part, signal);
    if (result.kind !== "sent") return result;
    partsSent.set(about, index + 1);
  }
  partsSent.delete(about);
  return result;
}

function newsOfRequest(db: Database, refused: ReadonlySet<number>): News | null {
  const untold = untoldOutcome(db, refused);
  if (!untold) return null;
  const { requestId: about, chatId, kind, outcome } = untold;
  return { about, chatId, message: { text: outcomeLine(kind, outcome) } };
}

function newsForOwner(db: Database, settings: OperatorSettings, now: number): News | NoNews {
  const rollback = untoldRollback(db);
  const news = rollback ?? untoldBudget(db, now);
  if (!news) return "nothing to tell";
  const owner = ownerChat(db, settings);
  if (!owner) return "nobody to tell";
  const { chatId, isGuess } = owner;
  if ("message" in news) return { about: news.eventId, chatId, message: news.message };
  const text = rollbackMessage(isGuess ? { ...news, lastLines: [] } : news);
  return { about: news.eventId, chatId, message: { text } };
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
