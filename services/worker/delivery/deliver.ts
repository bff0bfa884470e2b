import type { Clock } from "../../../shared/clock.ts";
import { type Database, sql } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { splitMessage } from "../agent/messages.ts";
import { showProgress, type Task } from "../claims.ts";
import { refusedToken } from "../refused-token.ts";
import type { OutgoingMessage, Sender } from "./sender.ts";

export type Delivered = { readonly kind: "delivered" } | { readonly kind: "refused"; readonly detail: string };

export interface DeliveryPorts {
  readonly db: Database;
  readonly clock: Clock;
  readonly sender: Sender;
}

const FIRST_PAUSE_MS = 1000;
/** A delivery shows a sign of life at least this often. */
export const LONGEST_PAUSE_MS = 60_000;

/**
 * Sends a text in parts, in order, each recorded before and after. Parts that an earlier attempt sent are left out; one
 * that may have arrived is sent again and marked as uncertain. Goes on through outages. Rejects when `signal` aborts, and
 * with a SetupError when the token is refused: what is stored then waits for another one.
 */
export async function deliver(
  ports: DeliveryPorts,
  task: Task,
  reply: Pick<OutgoingMessage, "text" | "buttons">,
  signal: AbortSignal,
): Promise<Delivered> {
  const parts = splitMessage(reply.text);
  const earlier = earlierSends(ports.db, task);
  for (const [index, part] of parts.entries()) {
    const number = index + 1;
    if (earlier.sent.has(number)) continue;
    const place = { chat_id: task.chatId, part: number, parts: parts.length };
    const buttons = number === parts.length && reply.buttons ? { buttons: reply.buttons } : {};
    const message = { text: part, ...buttons };
    const delivered = await deliverPart(ports, task, { message, place, uncertain: earlier.begun.has(number) }, signal);
    if (delivered.kind === "refused") return delivered;
  }
  return { kind: "delivered" };
}

/** So often may a part be sent whose answer was lost: each time it may be one more copy. */
const MOST_LOST = 5;

interface Part {
  readonly message: OutgoingMessage;
  readonly place: { readonly chat_id: number; readonly part: number; readonly parts: number };
  readonly uncertain: boolean;
}

async function deliverPart(ports: DeliveryPorts, task: Task, part: Part, signal: AbortSignal): Promise<Delivered> {
  const { db, sender } = ports;
  for (let failures = 0, lost = 0, uncertain = part.uncertain; ; failures += 1) {
    const mark = uncertain ? { uncertain: true as const } : {};
    logEvent(db, task.agentId, EventType.ReplySending, { ...part.place, ...mark });
    const result = await sender.send(task.chatId, part.message, signal);
    if (result.kind === "sent") {
      logEvent(db, task.agentId, EventType.ReplySent, { ...part.place, message_id: result.messageId, ...mark });
      return { kind: "delivered" };
    }
    if (result.kind === "unauthorised") throw refusedToken(result.detail);
    if (result.kind !== "uncertain" && result.kind !== "not sent" && result.kind !== "rate limited") {
      return { kind: "refused", detail: result.detail };
    }
    if (result.kind === "uncertain") {
      uncertain = true;
      lost += 1;
      if (lost >= MOST_LOST) return { kind: "refused", detail: `no answer to ${lost} tries: ${result.detail}` };
    }
    await waitOut(ports, task, result.kind === "rate limited" ? result.retryAfterMs : pauseAfter(failures), signal);
    signal.throwIfAborted();
  }
}

/** Telegram may ask for hours: the wait shows, piece by piece, that it is one, and not a standstill. */
async function waitOut({ db, clock }: DeliveryPorts, task: Task, ms: number, signal: AbortSignal): Promise<void> {
  for (let left = ms; left > 0 && !signal.aborted; left -= LONGEST_PAUSE_MS) {
    showProgress(db, task);
    await clock.sleep(Math.min(left, LONGEST_PAUSE_MS), signal);
  }
}

function pauseAfter(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);
}

/**
 * Which parts earlier attempts at this message began to send, and which are known to have arrived. Before it was tried
 * anew, or set aside, it was another text that was sent.
 */
function earlierSends(db: Database, task: Task): { begun: Set<number>; sent: Set<number> } {
  const rows = sql(
    db,
    `SELECT e.event_type AS type, e.payload ->> '$.part' AS part
       FROM events a JOIN events e ON e.parent_id = a.id AND e.event_type IN ('reply.sending', 'reply.sent')
      WHERE a.event_type = 'agent.started' AND json_extract(a.payload, '$.task_id') = @taskId AND a.id < @agentId
        AND e.id > COALESCE((SELECT max(id) FROM events WHERE event_type IN ('message.retried', 'message.set_aside')
                                AND payload ->> '$.task_id' = @taskId), 0)`,
  ).all({ taskId: task.id, agentId: task.agentId }) as { type: string; part: number }[];
  const of = (type: string) => new Set(rows.filter((row) => row.type === type).map(({ part }) => part));
  return { begun: of(EventType.ReplySending), sent: of(EventType.ReplySent) };
}
