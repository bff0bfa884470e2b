import { type Database, sql } from "./database.ts";
import { logEvent } from "./event-log.ts";
import { EventType } from "./event-types.ts";

/**
 * A claim is dead when its holder is not the newest worker that the supervisor has spawned: an older one whose exit never
 * came into the log, or a process that nobody spawned.
 */
export const NEWEST_SPAWNED = `(SELECT json_extract(payload, '$.instance') FROM events
    WHERE event_type = 'worker.spawned' ORDER BY id DESC LIMIT 1)`;

/** A worker may have begun before its `worker.spawned` is in the log, by so long. */
const SPAWN_LAG_MS = 60_000;

/** For whoever looks from outside: of an instance that is not known as the newest, the claim has to be this old. */
export const DEAD_CLAIM = `
  SELECT 1 FROM inbox i LEFT JOIN events p ON p.id = i.locked_by AND p.event_type = 'process.started'
   WHERE i.id = @id AND i.locked_by IS NOT NULL
     AND (EXISTS (SELECT 1 FROM events x WHERE x.event_type = 'worker.exited'
                     AND json_extract(x.payload, '$.instance') = json_extract(p.payload, '$.instance'))
          OR (json_extract(p.payload, '$.instance') IS NOT ${NEWEST_SPAWNED}
              AND COALESCE(i.locked_at, 0) <= unixepoch('subsec') * 1000 - ${SPAWN_LAG_MS}))`;

/** Frees a message that a dead holder has in hand; false when nobody has, or somebody who lives. In a transaction. */
export function freeDeadClaim(db: Database, id: number): boolean {
  if (sql(db, DEAD_CLAIM).get({ id }) === undefined) return false;
  endOpenAttempts(db, id);
  const free = `UPDATE inbox SET status = CASE status WHEN 'in_progress' THEN 'queued' ELSE status END, locked_by = NULL,
                       locked_at = NULL, updated_at = CAST(round(unixepoch('subsec') * 1000) AS INTEGER) WHERE id = ?`;
  return sql(db, free).run(id).changes === 1;
}

export const OPEN_ATTEMPTS_AT = `
  SELECT a.id FROM events a WHERE a.event_type = 'agent.started' AND json_extract(a.payload, '$.task_id') = +?
     AND NOT EXISTS (SELECT 1 FROM events e WHERE e.parent_id = a.id
                        AND e.event_type IN ('agent.completed', 'agent.failed'))`;

/** What the supervisor does at a worker's exit, for holders that it knows no exit of. */
export function endOpenAttempts(db: Database, taskId: number): void {
  const failure = { task_id: taskId, error: "its worker is gone", error_class: "worker_exited" };
  for (const id of sql(db, OPEN_ATTEMPTS_AT).pluck().all(taskId) as number[]) {
    logEvent(db, id, EventType.AgentFailed, failure);
  }
}
