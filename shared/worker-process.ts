import { type Database, sql } from "./database.ts";

/** The `process.started` of a worker's instance, null when it never got that far. */
export function processOf(db: Database, instance: string): number | null {
  const query = `SELECT id FROM events WHERE event_type = 'process.started'
      AND json_extract(payload, '$.instance') = ? ORDER BY id DESC LIMIT 1`;
  return (sql(db, query).pluck().get(instance) as number | undefined) ?? null;
}

// The plus keeps the column from changing how the index compares (https://sqlite.org/datatype3.html, 3.2 Affinity).
export const OPEN_ATTEMPTS = `SELECT a.id AS eventId, i.id AS taskId
     FROM inbox i INDEXED BY inbox_open JOIN events a ON a.event_type = 'agent.started' AND json_extract(a.payload, '$.task_id') = +i.id
    WHERE i.status IN ('queued', 'in_progress', 'replying') AND i.locked_by = @processId
      AND json_extract(a.payload, '$.process_id') = @processId
      AND NOT EXISTS (SELECT 1 FROM events e WHERE e.parent_id = a.id
                         AND e.event_type IN ('agent.completed', 'agent.failed'))`;

/** The attempts that a worker's process left open: their `agent.started` and the message each was about. */
export function openAttempts(db: Database, processId: number): { eventId: number; taskId: number }[] {
  return sql(db, OPEN_ATTEMPTS).all({ processId }) as { eventId: number; taskId: number }[];
}
