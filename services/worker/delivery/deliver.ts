import { undeliverableLine } from "../agent/messages.ts";
import type { Task } from "../queue/claims.ts";
import { commitTogether } from "../queue/commit-together.ts";
import { deliverPart, type Part, type PartDelivered } from "./deliver-part.ts";
import type { DeliveryPorts } from "./delivery-ports.ts";
import type { DraftState } from "./draft.ts";
import { type EarlierSends, earlierSends, NOTHING_EARLIER } from "./earlier-sends.ts";
import { migrateChat } from "./migrate-chat.ts";
import { type Format, toParts, withButtons } from "./parts.ts";
import type { Button } from "./sender.ts";

/** What is stored to be sent. */
export interface Reply {
  readonly text: string;
  readonly format: Format;
  /** Under the last part. */
  readonly buttons?: readonly (readonly Button[])[];
  /** What became of this attempt's draft. */
  readonly draft: DraftState;
  /** What is to be written when all of it has arrived, together with that; what it throws, `deliver` rejects with. */
  readonly onArrival: () => void;
  /** The same when Telegram does not take it: with the line that says so to the person, if that arrives. */
  readonly onRefusal: (detail: string) => void;
}

export type Delivered =
  | { readonly kind: "delivered" }
  /** Telegram does not take it; the person was told so, as far as that was taken. */
  | { readonly kind: "refused"; readonly detail: string }
  /** The chat does not let the bot write; what is left can be sent when it does. */
  | { readonly kind: "forbidden"; readonly detail: string }
  /** Telegram asks to wait for long, and others would wait with it. */
  | { readonly kind: "put off"; readonly retryAfterMs: number };

/**
 * Sends a reply in parts, in order, each recorded before and after; the first takes the place of the draft, if there is
 * one. Parts that an earlier attempt sent are left out; one that may have arrived is sent again and marked as uncertain.
 * Goes on through outages, and into the chat that this one became. Rejects when `signal` aborts, and with a SetupError
 * when the token is refused: what is stored then waits for another one.
 *
 * @param from the first part that is to be sent
 */
export async function deliver(
  ports: DeliveryPorts,
  task: Task,
  reply: Reply,
  signal: AbortSignal,
  from = 1,
): Promise<Delivered> {
  const messages = withButtons(toParts(reply.text, reply.format), reply.buttons);
  const isFirst = task.resumes === null && reply.draft === "never begun";
  const earlier = isFirst ? NOTHING_EARLIER : earlierSends(ports.db, task);
  let hasEnded = false;
  for (const [index, message] of messages.entries()) {
    const place = { chat_id: task.chatId, part: index + 1, parts: messages.length };
    if (place.part < from || earlier.sent.has(place.part)) continue;
    const isLast = place.part === place.parts;
    const onArrival = isLast ? reply.onArrival : null;
    const part = { message, place, onArrival, ...waysToSend(place.part, earlier, reply) };
    const result = await deliverPart(ports, task, part, signal);
    if (result.kind === "migrated") {
      migrateChat(ports.db, task.processId, { from: task.chatId, to: result.toChatId });
      return deliver(ports, { ...task, chatId: result.toChatId }, reply, signal, place.part);
    }
    if (result.kind === "refused") await endAsRefused(ports, task, part, () => reply.onRefusal(result.detail), signal);
    if (result.kind === "lost") await commitTogether(ports.db, () => reply.onRefusal(result.detail));
    if (result.kind !== "delivered") return toDelivered(result);
    hasEnded = isLast;
  }
  if (!hasEnded) await commitTogether(ports.db, reply.onArrival);
  return { kind: "delivered" };
}

/** An edit can be repeated; a send without an outcome may have arrived. */
function waysToSend(part: number, earlier: EarlierSends, reply: Reply): Pick<Part, "editing" | "uncertain"> {
  if (part > 1) return { editing: null, uncertain: earlier.inDoubt.has(part) };
  const uncertain = earlier.draft === null && (earlier.inDoubt.has(1) || earlier.draftIsLost || reply.draft === "lost");
  return { editing: earlier.draft, uncertain };
}

/** With a line in the place of what was refused. If that is refused too, the log alone has it. */
async function endAsRefused(
  ports: DeliveryPorts,
  task: Task,
  part: Part,
  onArrival: () => void,
  signal: AbortSignal,
): Promise<void> {
  const message = { text: undeliverableLine(task.agentId) };
  const place = { ...part.place, parts: part.place.part };
  const { kind } = await deliverPart(ports, task, { ...part, message, place, onArrival }, signal);
  if (kind !== "delivered") await commitTogether(ports.db, onArrival);
}

function toDelivered(result: Exclude<PartDelivered, { kind: "delivered" | "migrated" }>): Delivered {
  if (result.kind === "put off") return result;
  return { kind: result.kind === "forbidden" ? "forbidden" : "refused", detail: result.detail };
}
