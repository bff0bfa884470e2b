import type { Clock } from "../../../shared/clock.ts";
import { type Database, sql } from "../../../shared/database.ts";
import { DROPPED, endDraft, type OpenDraft, STOPPED_HERE } from "./end-draft.ts";
import type { EditResult, Sender } from "./sender.ts";
import { pauseAfter } from "./wait-out.ts";

/** A message that somebody made an end of. */
interface Ended {
  /** Its `message.stopped` or `message.dropped`. */
  readonly id: number;
  readonly taskId: number;
  readonly type: "message.stopped" | "message.dropped";
}

export interface LeftDraftsPorts {
  readonly db: Database;
  readonly clock: Clock;
  readonly sender: Sender;
  /** Whether an attempt at it is under way: that knows what its draft shows, and ends it itself. */
  readonly isInHand: (taskId: number) => boolean;
}

const LOOK_EVERY_MS = 1000;
/** Each takes a query; the rest has time until the next look. */
const MOST_AT_ONCE = 200;

/** A test looks at its plan. */
export const ENDED = `SELECT id, payload ->> '$.task_id' AS taskId, event_type AS type FROM events INDEXED BY events_by_type
    WHERE event_type IN ('message.stopped', 'message.dropped') AND id > ? ORDER BY id LIMIT ${MOST_AT_ONCE}`;

/** To be looked at again, in milliseconds of the monotonic clock. */
interface Left {
  readonly ended: Ended;
  readonly dueAt: number;
  readonly failures: number;
}

/**
 * Ends the drafts of messages that are not to be answered any more: of those that waited for another attempt, and of those
 * whose worker died before it did so itself. Until `signal` aborts; what fails for now is tried again.
 */
export async function keepDraftsEnded(ports: LeftDraftsPorts, signal: AbortSignal): Promise<void> {
  const { db, clock, isInHand } = ports;
  let left: readonly Left[] = [];
  for (let seen = 0; !signal.aborted; ) {
    const news = sql(db, ENDED).all(seen) as Ended[];
    seen = news.at(-1)?.id ?? seen;
    const all = [...left, ...news.map((ended) => ({ ended, dueAt: 0, failures: 0 }))];
    const due = all.filter(({ ended, dueAt }) => dueAt <= clock.monotonicMs() && !isInHand(ended.taskId));
    const again: Left[] = [];
    for (const one of due) again.push(...(await endDraftOf(ports, one, signal)));
    left = [...all.filter((one) => !due.includes(one)), ...again];
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}

/** Again, later, or no more. */
async function endDraftOf(ports: LeftDraftsPorts, { ended, failures }: Left, signal: AbortSignal): Promise<Left[]> {
  const draft = leftDraft(ports.db, ended);
  if (draft === null || signal.aborted) return [];
  try {
    const line = ended.type === "message.stopped" ? STOPPED_HERE : DROPPED;
    const result = await endDraft(ports, draft, { text: line }, signal);
    if (!FOR_NOW.has(result.kind)) return [];
    const pauseMs = result.kind === "rate limited" ? result.retryAfterMs : pauseAfter(failures);
    return [{ ended, dueAt: ports.clock.monotonicMs() + pauseMs, failures: failures + 1 }];
  } catch (error) {
    if (!signal.aborted) throw error;
    return []; // the next worker finds it
  }
}

const FOR_NOW: ReadonlySet<EditResult["kind"]> = new Set(["rate limited", "not sent", "uncertain", "unauthorised"]);

/** Left to itself, SQLite reads every reply there ever was; a test looks at its plan. */
export const REPLIES = `
  SELECT e.id, a.id AS agentId, e.event_type = 'reply.sent' AS hasArrived, e.payload ->> '$.draft' IS 1 AS isDraft,
         e.payload ->> '$.chat_id' AS chatId, e.payload ->> '$.message_id' AS messageId,
         e.payload ->> '$.error_class' AS errorClass
    FROM events a INDEXED BY attempts_by_task JOIN events e INDEXED BY events_by_parent ON e.parent_id = a.id
   WHERE a.event_type = 'agent.started' AND json_extract(a.payload, '$.task_id') = ?
     AND e.event_type IN ('reply.sent', 'reply.failed') ORDER BY e.id`;

interface Reply extends OpenDraft {
  readonly id: number;
  readonly hasArrived: 0 | 1;
  readonly isDraft: 0 | 1;
  readonly errorClass: EditResult["kind"] | null;
}

/** The newest draft from before the end, unless something was written in its place since, or the chat does not take it. */
function leftDraft(db: Database, { id: endedAt, taskId }: Ended): OpenDraft | null {
  const replies = sql(db, REPLIES).all(taskId) as Reply[]; // the columns above
  const draft = replies.findLast(({ id, hasArrived, isDraft }) => hasArrived && isDraft && id < endedAt);
  const isOver = (reply: Reply) =>
    reply.hasArrived
      ? !reply.isDraft && reply.messageId === draft?.messageId
      : reply.id > endedAt && reply.errorClass !== null && !FOR_NOW.has(reply.errorClass);
  return draft && !replies.some(isOver) ? draft : null;
}
