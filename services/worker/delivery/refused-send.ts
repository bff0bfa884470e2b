import type { Database } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { type EventPayloads, EventType } from "../../../shared/event-types.ts";
import type { Task } from "../queue/claims.ts";
import type { EditResult } from "./sender.ts";

export type SendRefusal = Exclude<EditResult, { kind: "sent" | "uncertain" }>;

/** Whether it surely did not arrive: to send it again is no risk of a second copy. */
export function isRefusal(result: EditResult): result is SendRefusal {
  return result.kind !== "sent" && result.kind !== "uncertain";
}

export function recordRefusal(
  db: Database,
  { agentId }: Pick<Task, "agentId">,
  place: Omit<EventPayloads["reply.failed"], "error_class" | "error">,
  refusal: SendRefusal,
): void {
  const error = "detail" in refusal ? { error: refusal.detail } : {};
  logEvent(db, agentId, EventType.ReplyFailed, { ...place, error_class: refusal.kind, ...error });
}
