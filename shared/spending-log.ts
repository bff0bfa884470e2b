import { type Database, sql } from "./database.ts";
import { firstEventIdSince } from "./event-log.ts";
import { startOfUtcDay, utcDay } from "./utc-day.ts";

/** The day's spending as the log has it: what turns cost, and what those that are under way may still cost. */
export interface SpentToday {
  /** A calendar day in UTC, as 2026-01-31. */
  readonly day: string;
  readonly settledUsd: number;
  readonly reservedUsd: number;
  /** What the owner has added to the day's budget. */
  readonly raisedUsd: number;
  /** A turn that would not have fitted was refused, after the last raise. */
  readonly refused: boolean;
}

interface TurnRow {
  readonly id: number;
  readonly type: "turn.started" | "turn.completed" | "turn.failed" | "budget.raised" | "control.limit_reached";
  readonly parentId: number | null;
  readonly reservedUsd: number | null;
  readonly costUsd: number | null;
  readonly raisedUsd: number | null;
  readonly reached: string | null;
}

// By the index on the type: of a day's events only these are read, and each once.
const TURNS = `
  SELECT id, event_type AS type, parent_id AS parentId, payload ->> '$.reserved_usd' AS reservedUsd,
         payload ->> '$.cost_usd' AS costUsd, payload ->> '$.usd' AS raisedUsd, payload ->> '$.limit' AS reached
    FROM events
   WHERE event_type IN ('turn.started', 'turn.completed', 'turn.failed', 'budget.raised', 'control.limit_reached')
     AND id >= ? ORDER BY id`;

/**
 * Follows the day's spending through the log. A turn costs what its end says, or what it reserved when the end does not
 * know, or there is none because its worker died.
 *
 * @param processId the worker's `process.started`: the turns before it have ended, whether the log says so or not
 */
export function createSpendingLog(db: Database, processId: number) {
  let day = "";
  let nextId = 0;
  let settledUsd = 0;
  let raisedUsd = 0;
  let refused = false;
  /** By the attempt that asks: its turns are one after the other. */
  const open = new Map<number, { readonly id: number; readonly usd: number }>();

  function read({ id, type, parentId, ...row }: TurnRow): void {
    nextId = id + 1;
    const [costUsd, reserved, raised] = [row.costUsd, row.reservedUsd, row.raisedUsd].map(amount);
    if (type === "control.limit_reached") refused ||= row.reached === "budget_usd";
    if (type === "budget.raised") {
      raisedUsd += raised ?? 0;
      refused = false;
    }
    if (parentId === null || type === "budget.raised" || type === "control.limit_reached") return;
    const reservedUsd = open.get(parentId)?.usd ?? 0;
    open.delete(parentId);
    if (type !== "turn.started") settledUsd += costUsd ?? reservedUsd;
    else {
      settledUsd += reservedUsd; // the turn before it was aborted, and nobody said what it cost
      open.set(parentId, { id, usd: reserved ?? 0 });
    }
  }

  return {
    spentToday(now: number): SpentToday {
      if (utcDay(now) !== day) {
        day = utcDay(now);
        nextId = firstEventIdSince(db, startOfUtcDay(now));
        settledUsd = 0;
        raisedUsd = 0;
        refused = false;
        open.clear();
      }
      for (const row of sql(db, TURNS).all(nextId) as TurnRow[]) read(row);
      const { dead = [], alive = [] } = Object.groupBy(open.values(), ({ id }) => (id < processId ? "dead" : "alive"));
      return { day, settledUsd: settledUsd + sumOf(dead), reservedUsd: sumOf(alive), raisedUsd, refused };
    },
  };
}

/** What is no amount, in a row that somebody forged, is not known. */
function amount(usd: unknown): number | null {
  return typeof usd === "number" && Number.isFinite(usd) ? usd : null;
}

/** The same for who only looks. */
export function spentToday(db: Database, now: number): SpentToday {
  return createSpendingLog(db, 0).spentToday(now);
}

function sumOf(turns: readonly { readonly usd: number }[]): number {
  return turns.reduce((sum, { usd }) => sum + usd, 0);
}
