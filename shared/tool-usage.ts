import { type Database, sql } from "./database.ts";
import { firstEventIdSince } from "./event-log.ts";

/** How often a tool was called, and how often that failed. */
export interface ToolUsage {
  readonly name: string;
  readonly calls: number;
  readonly failed: number;
}

/** The query behind `readToolUsage`; a test looks at its plan. */
export const TOOL_CALLS = `SELECT substr(payload ->> '$.tool_name', 1, 100) AS name, count(*) AS calls FROM events INDEXED BY tool_calls
  WHERE event_type = @type AND event_type IN ('tool_call.started', 'tool_call.failed') AND id >= @firstId GROUP BY payload ->> '$.tool_name'`;

/** The calls since a moment (Unix milliseconds), the most used tool first. */
export function readToolUsage(db: Database, from: number): ToolUsage[] {
  const firstId = firstEventIdSince(db, from);
  const countOf = (type: string) =>
    sql(db, TOOL_CALLS).all({ type, firstId }) as { readonly name: string; readonly calls: number }[];
  const failed = new Map(countOf("tool_call.failed").map(({ name, calls }) => [name, calls]));
  return countOf("tool_call.started")
    .map(({ name, calls }) => ({ name, calls, failed: failed.get(name) ?? 0 }))
    .sort((one, other) => other.calls - one.calls);
}
