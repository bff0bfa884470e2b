import { type Database, sql } from "../../../shared/database.ts";
import { EventType } from "../../../shared/event-types.ts";
import type { Task } from "../claims.ts";

/** What the log knows of the sends of a message's reply, over all attempts since it was tried anew, or set aside. */
export interface EarlierSends {
  /** The parts that an earlier attempt began to send, and those that are known to have arrived. */
  readonly begun: ReadonlySet<number>;
  readonly sent: ReadonlySet<number>;
  /** The message that the first part is to be written into, if one was sent ahead of it. */
  readonly draft: number | null;
  /** An earlier attempt's draft may have arrived, and nobody knows its id. */
  readonly draftIsLost: boolean;
}

export const NOTHING_EARLIER: EarlierSends = { begun: new Set(), sent: new Set(), draft: null, draftIsLost: false };

interface Row {
  readonly attempt: number;
  readonly type: string;
  readonly part: number;
  readonly isDraft: 0 | 1;
  readonly chatId: number;
  readonly messageId: number | null;
  /** Not so before the message was set aside: then it was its answer that was sent, and now it is an error line. */
  readonly isOfThisText: 0 | 1;
}

const SENDS = `
  SELECT a.id AS attempt, e.event_type AS type, e.payload ->> '$.part' AS part, e.payload ->> '$.draft' IS 1 AS isDraft,
         e.payload ->> '$.chat_id' AS chatId, e.payload ->> '$.message_id' AS messageId,
         e.id > COALESCE((SELECT max(id) FROM events WHERE event_type = 'message.set_aside'
                             AND payload ->> '$.task_id' = @taskId), 0) AS isOfThisText
    FROM events a JOIN events e ON e.parent_id = a.id AND e.event_type IN ('reply.sending', 'reply.sent')
   WHERE a.event_type = 'agent.started' AND json_extract(a.payload, '$.task_id') = @taskId
     AND a.id > COALESCE((SELECT max(id) FROM events WHERE event_type IN ('message.retried', 'message.set_aside')
                             AND payload ->> '$.task_id' = @taskId), 0)
   ORDER BY e.id`;

export function earlierSends(db: Database, task: Task): EarlierSends {
  const rows = sql(db, SENDS).all({ taskId: task.id }) as Row[]; // the columns above
  const parts = rows.filter((row) => !row.isDraft && row.isOfThisText && row.attempt < task.agentId);
  const partsOf = (type: string) => new Set(parts.filter((row) => row.type === type).map(({ part }) => part));
  const drafts = rows.filter(({ isDraft }) => isDraft);
  const arrived = drafts.filter(({ type }) => type === EventType.ReplySent);
  return {
    begun: partsOf(EventType.ReplySending),
    sent: partsOf(EventType.ReplySent),
    // Ids are a chat's own: in the supergroup that a group became, the same one is another message.
    draft: arrived.findLast(({ chatId }) => chatId === task.chatId)?.messageId ?? null,
    draftIsLost: drafts.some(
      ({ type, attempt }) =>
        type === EventType.ReplySending &&
        attempt < task.agentId &&
        !arrived.some((other) => other.attempt === attempt),
    ),
  };
}
