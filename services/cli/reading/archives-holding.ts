import { AGENT_TREE } from "../../../shared/agent-tree.ts";
import { type Database, sql } from "../../../shared/database.ts";
import { type EventFilter, isOfType } from "./select-events.ts";

/** The archives to which events were moved that the filter would let through, by name. */
export function archivesHolding(db: Database, filter: EventFilter): string[] {
  if (!AGENT_TREE.some((type) => isOfType(type, filter))) return [];
  const query = `SELECT DISTINCT payload ->> '$.file' AS file FROM events
      WHERE event_type = 'log.archived' AND payload ->> '$.to' > ? ORDER BY file`;
  return sql(db, query).pluck().all(filter.after) as string[];
}
