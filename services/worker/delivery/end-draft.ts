import type { Database } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { isRefusal, recordRefusal } from "./refused-send.ts";
import type { EditResult, OutgoingMessage, Sender } from "./sender.ts";

export const STOPPED_HERE = "(You stopped it here.)";
export const DROPPED = "(This will not be answered.)";

/** A message of ours that was to become an answer: `agentId` is the `agent.started` that its end is recorded under. */
export interface OpenDraft {
  readonly agentId: number;
  readonly chatId: number;
  readonly messageId: number;
}

/** Writes into a draft what is left to say. It is recorded as the reply's only part; to do it again does no harm. */
export async function endDraft(
  { db, sender }: { readonly db: Database; readonly sender: Sender },
  { agentId, chatId, messageId }: OpenDraft,
  message: OutgoingMessage,
  signal: AbortSignal,
): Promise<EditResult> {
  const place = { chat_id: chatId, part: 1, parts: 1 };
  logEvent(db, agentId, EventType.ReplySending, place);
  const result = await sender.edit(chatId, messageId, message, signal);
  if (result.kind === "sent") logEvent(db, agentId, EventType.ReplySent, { ...place, message_id: messageId });
  if (isRefusal(result)) recordRefusal(db, { agentId }, place, result);
  return result;
}
