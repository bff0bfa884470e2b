import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { refusedToken } from "../intake/refused-token.ts";
import type { Task } from "../queue/claims.ts";
import { commitTogether } from "../queue/commit-together.ts";
import type { DeliveryPorts } from "./delivery-ports.ts";
import { isRefusal, recordRefusal } from "./refused-send.ts";
import type { EditResult, OutgoingMessage } from "./sender.ts";
import { LONGEST_PAUSE_MS, pauseAfter, waitOut } from "./wait-out.ts";

export interface Part {
  readonly message: OutgoingMessage;
  readonly place: { readonly chat_id: number; readonly part: number; readonly parts: number };
  /** The message whose place it takes, or null when it is a new one. */
  readonly editing: number | null;
  /** It may have arrived already. */
  readonly uncertain: boolean;
  /** What is to be written together with its arrival. */
  readonly onArrival: (() => void) | null;
}

export type PartDelivered =
  | { readonly kind: "delivered" }
  | { readonly kind: "migrated"; readonly toChatId: number }
  | { readonly kind: "put off"; readonly retryAfterMs: number }
  /** `lost`: no answer came to several tries, so it may be there. */
  | { readonly kind: "refused" | "forbidden" | "lost"; readonly detail: string };

/** So often may a part be sent whose answer was lost: each time it may be one more copy. */
const MOST_LOST = 5;

/** Sends one part, or writes it into the draft, for as long as trying again can help. */
export async function deliverPart(
  ports: DeliveryPorts,
  task: Task,
  part: Part,
  signal: AbortSignal,
): Promise<PartDelivered> {
  let { message, editing, uncertain } = part;
  for (let failures = 0, lost = 0; ; failures += 1) {
    const mark = uncertain ? { uncertain: true as const } : {};
    await commitTogether(ports.db, () => {
      signal.throwIfAborted();
      logEvent(ports.db, task.agentId, EventType.ReplySending, { ...part.place, ...mark });
    });
    const result = await sendOrEdit(ports, { ...part, message, editing }, signal);
    if (isRefusal(result)) await commitTogether(ports.db, () => recordRefusal(ports.db, task, part.place, result));
    switch (result.kind) {
      case "sent":
        await recordArrival(ports, task, part, { message_id: result.messageId, ...mark });
        return { kind: "delivered" };
      case "gone":
        editing = null;
        continue;
      case "formatting refused":
        if (!message.entities) return { kind: "refused", detail: result.detail };
        message = withoutEntities(message);
        continue;
      case "refused":
      case "forbidden":
      case "migrated":
        return result;
      case "rate limited":
        if (task.isAlone && result.retryAfterMs > LONGEST_PAUSE_MS) return { ...result, kind: "put off" };
        break;
      case "unauthorised":
        throw refusedToken(result.detail);
      case "uncertain":
        if (editing !== null) break; // the next edit makes it certain
        uncertain = true;
        lost += 1;
        if (lost >= MOST_LOST) return { kind: "lost", detail: `no answer to ${lost} tries: ${result.detail}` };
        await untilAnswered(ports, task, part.place.chat_id, signal);
    }
    await waitOut(ports, task, result.kind === "rate limited" ? result.retryAfterMs : pauseAfter(failures), signal);
  }
}

/** In an outage each send might be one more copy: what can be repeated finds out when it is over. */
async function untilAnswered(ports: DeliveryPorts, task: Task, chatId: number, signal: AbortSignal): Promise<void> {
  for (let failures = 0; ; failures += 1) {
    const { kind } = await ports.sender.showTyping(chatId, signal);
    if (kind !== "uncertain" && kind !== "not sent") return;
    await waitOut(ports, task, pauseAfter(failures), signal);
  }
}

/** It arrived, also when what follows from that cannot be written: so each is work of its own, in one transaction. */
async function recordArrival(
  { db }: DeliveryPorts,
  task: Task,
  { place, onArrival }: Part,
  how: { readonly message_id: number; readonly uncertain?: true },
): Promise<void> {
  const sent = commitTogether(db, () => logEvent(db, task.agentId, EventType.ReplySent, { ...place, ...how }));
  await Promise.all(onArrival ? [sent, commitTogether(db, onArrival)] : [sent]);
}

async function sendOrEdit({ sender }: DeliveryPorts, part: Part, signal: AbortSignal): Promise<EditResult> {
  const { chat_id: chatId } = part.place;
  if (part.editing === null) return sender.send(chatId, part.message, signal);
  const result = await sender.edit(chatId, part.editing, part.message, signal);
  // Too old to be edited, it would stay beside the answer with half of it.
  if (result.kind === "gone") await sender.remove(chatId, part.editing, signal);
  return result;
}

function withoutEntities({ entities: _, ...message }: OutgoingMessage): OutgoingMessage {
  return message;
}
