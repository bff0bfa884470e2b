import { type Database, sql } from "../../../shared/database.ts";

/** What a message took, over all attempts at it. A cost of null: no turn had a price. */
export interface Finished {
  readonly attempt: number;
  /** From its arrival to its end. */
  readonly latency_ms: number;
  readonly turns: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost_usd: number | null;
}

// Left to itself, SQLite reads every agent.started there ever was.
export const FINISHED = `
  SELECT i.attempts AS attempt, i.updated_at - i.created_at AS latency_ms, count(t.id) AS turns,
         COALESCE(sum(t.payload ->> '$.input_tokens'), 0) AS input_tokens,
         COALESCE(sum(t.payload ->> '$.output_tokens'), 0) AS output_tokens, sum(t.payload ->> '$.cost_usd') AS cost_usd
    FROM inbox i
    LEFT JOIN events a INDEXED BY attempts_by_task
      ON a.event_type = 'agent.started' AND json_extract(a.payload, '$.task_id') = +i.id
    LEFT JOIN events t ON t.parent_id = a.id AND t.event_type IN ('turn.completed', 'turn.failed')
   WHERE i.id = +?`;

/** For the line of the log about a message that has just ended. */
export function finished(db: Database, taskId: number): Finished {
  return sql(db, FINISHED).get(taskId) as Finished;
}
