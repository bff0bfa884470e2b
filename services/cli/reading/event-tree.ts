import { type Database, sql } from "../../../shared/database.ts";
import { eventById, type LoggedEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { KNOWN_ID } from "../../../shared/stored-payload.ts";

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

/** Roots that belong to a time, not to a process: promotions, and what operators asked for. */
const ROOTS_OF_A_TIME: readonly string[] = [
  ...Object.values(EventType).filter((type) => type.endsWith(".requested")),
  EventType.RevisionPromoted,
  EventType.MessageRetried,
  EventType.MessageDropped,
  EventType.MessageStopped,
  EventType.ChatForgotten,
  EventType.LogRestored,
];

/** The tree below an event, with those roots among its children that were recorded after it. */
export function readTreeAndRoots(db: Database, id: number, limits: TreeLimits): EventTree | null {
  const tree = readTree(db, id, limits);
  if (!tree || limits.depth === 0) return tree;
  const query = sql(db, `SELECT id FROM events WHERE event_type = ? AND id > ? AND ${KNOWN_ID}`).pluck();
  const ids = ROOTS_OF_A_TIME.flatMap((type) => query.all(type, id) as number[]).sort((one, other) => one - other);
  const roots = ids.slice(-(limits.children ?? ids.length)).flatMap((rootId) => readTree(db, rootId, ALONE) ?? []);
  const children = [...tree.children, ...roots].sort((one, other) => one.id - other.id);
  const shown = children.slice(-(limits.children ?? children.length));
  return { ...tree, hidden: tree.hidden + tree.children.length + ids.length - shown.length, children: shown };
}

const ALONE: TreeLimits = { depth: 0, children: null };

/** The `process.started` of the newest supervisor, or null before the first. */
export function newestSupervisorId(db: Database): number | null {
  const query = `SELECT id FROM events WHERE event_type = 'process.started' AND parent_id IS NULL
      AND payload ->> '$.role' = 'supervisor' ORDER BY id DESC LIMIT 1`;
  return (sql(db, query).pluck().get() as number | undefined) ?? null;
}

/** What belongs to an event comes after it: whoever says otherwise would lead in a circle. */
const COMES_AFTER = `id > @id AND ${KNOWN_ID}`;

function newestChildIds(db: Database, id: number, limit: number | null): number[] {
  const query = sql(
    db,
    `SELECT id FROM events WHERE parent_id = @id AND ${COMES_AFTER} ORDER BY id DESC LIMIT @limit`,
  ).pluck();
  return (query.all({ id, limit: limit ?? -1 }) as number[]).reverse();
}

function countChildren(db: Database, id: number): number {
  return Number(sql(db, `SELECT count(*) FROM events WHERE parent_id = @id AND ${COMES_AFTER}`).pluck().get({ id }));
}
