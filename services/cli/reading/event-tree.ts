import { type Database, sql } from "../../../shared/database.ts";
import { eventById, type LoggedEvent } from "../../../shared/event-log.ts";

export interface EventTree extends LoggedEvent {
  /** So many of its children, the oldest, are left out. */
  readonly hidden: number;
  readonly children: readonly EventTree[];
}

export interface TreeLimits {
  /** How many levels below the root; null for all. */
  readonly depth: number | null;
  /** How many children of each event, the newest; null for all. A supervisor can have 100,000. */
  readonly children: number | null;
}

/** The tree below an event, or null when there is none of this id. */
export function readTree(db: Database, id: number, limits: TreeLimits): EventTree | null {
  const event = eventById(db, id);
  if (!event) return null;
  const shown = limits.depth === 0 ? [] : newestChildIds(db, id, limits.children);
  const below = { ...limits, depth: limits.depth === null ? null : limits.depth - 1 };
  const children = shown.flatMap((childId) => readTree(db, childId, below) ?? []);
  const isCut = shown.length === (limits.depth === 0 ? 0 : limits.children);
  return { ...event, hidden: isCut ? countChildren(db, id) - shown.length : 0, children };
}

/** The `process.started` of the newest supervisor, or null before the first. */
export function newestSupervisorId(db: Database): number | null {
  const query = `SELECT id FROM events WHERE event_type = 'process.started' AND parent_id IS NULL
      AND payload ->> '$.role' = 'supervisor' ORDER BY id DESC LIMIT 1`;
  return (sql(db, query).pluck().get() as number | undefined) ?? null;
}

function newestChildIds(db: Database, id: number, limit: number | null): number[] {
  const query = sql(db, "SELECT id FROM events WHERE parent_id = ? ORDER BY id DESC LIMIT ?").pluck();
  return (query.all(id, limit ?? -1) as number[]).reverse();
}

function countChildren(db: Database, id: number): number {
  return Number(sql(db, "SELECT count(*) FROM events WHERE parent_id = ?").pluck().get(id));
}
