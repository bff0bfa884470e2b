import { AGENT_TREE } from "../../../shared/agent-tree.ts";
import { type Database, sql } from "../../../shared/database.ts";
import { archiveFileOf } from "../../../shared/files.ts";
import { eventsOf, type Rows } from "./slice.ts";

/**
 * What may leave: a message that is done or ignored, with all attempts at it, when all of that is older than a moment.
 * What failed stays, because it can be tried again. The newest update of a bot's epoch stays, because the offset is
 * derived from it; the newest that was done stays, because it tells which chat was answered last.
 */
const ENDED = `
  SELECT id, updated_at AS endedAt FROM inbox i
   WHERE id > @after AND status IN ('done', 'ignored') AND created_at < @before AND updated_at < @before
     AND locked_by IS NULL
     AND EXISTS (SELECT 1 FROM inbox n WHERE n.bot_id = i.bot_id AND n.epoch = i.epoch AND n.update_id > i.update_id)
     AND (status = 'ignored'
          OR EXISTS (SELECT 1 FROM inbox n WHERE n.id > i.id AND +n.bot_id = i.bot_id AND n.status = 'done'))
   ORDER BY id LIMIT 100`;

/** A transaction that writes and deletes so many rows takes some 20 ms; intake waits for it. */
const ROWS_PER_SLICE = 500;

/** The next messages after an id that go into one file, or null when there are none. */
export interface Batch {
  readonly file: string;
  readonly messageIds: readonly number[];
  /** Up to here everything was looked at. */
  readonly lastId: number;
}

export function nextBatch(db: Database, after: number, before: number): Batch | null {
  const messageIds: number[] = [];
  let file: string | null = null;
  let lastId = after;
  let rows = 0;
  for (const { id, endedAt } of endedMessages(db, after, before)) {
    const events = eventsOf(db, id);
    if (!mayLeave(events, before)) {
      lastId = id;
      continue;
    }
    file ??= archiveFileOf(endedAt);
    if (archiveFileOf(endedAt) !== file || rows > ROWS_PER_SLICE) break;
    messageIds.push(id);
    lastId = id;
    rows += 1 + events.length;
  }
  return file === null ? null : { file, messageIds, lastId };
}

/** Page by page: what may not leave is no reason to stop. */
function* endedMessages(db: Database, after: number, before: number): Generator<{ id: number; endedAt: number }> {
  for (let last = after; ; ) {
    const page = sql(db, ENDED).all({ after: last, before }) as { id: number; endedAt: number }[];
    yield* page;
    const newest = page.at(-1);
    if (!newest) return;
    last = newest.id;
  }
}

function mayLeave(events: Rows, before: number): boolean {
  const closed = new Set(
    events.flatMap(({ event_type: type, parent_id: parent }) =>
      type === "agent.completed" || type === "agent.failed" ? [parent] : [],
    ),
  );
  return events.every(
    ({ id, event_type: type, timestamp }) =>
      AGENT_TREE.includes(String(type)) && Number(timestamp) < before && (type !== "agent.started" || closed.has(id)),
  );
}
