import { type Database, sql } from "../../../shared/database.ts";
import { EventType } from "../../../shared/event-types.ts";
import type { Task } from "../queue/claims.ts";

/** What the log knows of the sends of a message's reply, over all attempts since it was tried anew. */
export interface EarlierSends {
  /** The parts that are known to have arrived, and those that an earlier attempt sent and that may have. */
  readonly sent: ReadonlySet<number>;
  readonly inDoubt: ReadonlySet<number>;
  /** The message that the first part is to be written into, if one was sent ahead of it and nothing took its place. */
  readonly draft: number | null;
  /** An earlier attempt's draft may have arrived, and nobody knows its id. */
  readonly draftIsLost: boolean;
}

export const NOTHING_EARLIER: EarlierSends = { sent: new Set(), inDoubt: new Set(), draft: null, draftIsLost: false };

interface Row {
  readonly attempt: number;
  readonly type: string;
  readonly part: number;
  readonly isDraft: 0 | 1;
  readonly chatId: number;
  readonly messageId: number | null;
  readonly errorClass: string | null;
  /** Not so before the message was set aside: then it was its answer that was sent, and now it is an error line. */
  readonly isOfThisText: 0 | 1;
}

const SENDS = `
  SELECT a.id AS attempt, e.event_type AS type, e.payload ->> '$.part' AS part, e.payload ->> '$.draft' IS 1 AS isDraft,
         e.payload ->> '$.chat_id' AS chatId, e.payload ->> '$.message_id' AS messageId,
         e.payload ->> '$.error_class' AS errorClass,
         e.id > COALESCE((SELECT max(id) FROM events WHERE event_type = 'message.set_aside'
                             AND payload ->> '$.task_id' = @taskId), 0) AS isOfThisText
    FROM events a JOIN events e ON e.parent_id = a.id AND e.event_type IN ('reply.sending', 'reply.sent', 'reply.failed')
   WHERE a.event_type = 'agent.started' AND json_extract(a.payload, '$.task_id') = @taskId
     AND a.id > COALESCE((SELECT max(id) FROM events WHERE event_type = 'message.retried'
                             AND payload ->> '$.task_id' = @taskId), 0)
   ORDER BY e.id`;

export function earlierSends(db: Database, task: Task): EarlierSends {
  const rows = sql(db, SENDS).all({ taskId: task.id }) as Row[]; // the columns above
  // What was sent into a draft that is gone by now is gone too.
  const there = rows.slice(rows.findLastIndex(({ errorClass }) => errorClass === "gone") + 1);
  const drafts = there.filter(({ isDraft }) => isDraft);
  const ofThisText = there.filter(({ isDraft, isOfThisText }) => !isDraft && isOfThisText);
  const byOthers = (row: Row) => row.attempt < task.agentId;
  return {
    sent: new Set(
      ofThisText
        .filter(byOthers)
        .filter(hasArrived)
        .map(({ part }) => part),
    ),
    inDoubt: inDoubt(ofThisText.filter(byOthers)),
    draft: openDraft(there, task.chatId),
    draftIsLost: inDoubt(drafts.filter(byOthers)).size > 0,
  };
}

function hasArrived({ type }: Row): boolean {
  return type === EventType.ReplySent;
}

/** The parts of which a send has no outcome: its answer was lost, or the worker died before it was recorded. */
function inDoubt(rows: readonly Row[]): ReadonlySet<number> {
  const open = new Map<number, number>();
  for (const { part, type } of rows) open.set(part, (open.get(part) ?? 0) + (type === EventType.ReplySending ? 1 : -1));
  return new Set([...open].filter(([, sends]) => sends > 0).map(([part]) => part));
}

/** Ids are a chat's own: in the supergroup that a group became, the same one is another message. */
function openDraft(rows: readonly Row[], chatId: number): number | null {
  const arrived = rows.filter((row) => hasArrived(row) && row.chatId === chatId);
  const holdsAnotherText = (id: number | null) =>
    arrived.some(({ messageId, isDraft, isOfThisText }) => messageId === id && !isDraft && !isOfThisText);
  const id = arrived.findLast(({ isDraft }) => isDraft)?.messageId ?? null;
  return holdsAnotherText(id) ? null : id;
}
