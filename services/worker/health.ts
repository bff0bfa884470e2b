import { chmodSync, existsSync, writeFileSync } from "node:fs";
import type { Clock } from "../../shared/clock.ts";
import { type Database, sql } from "../../shared/database.ts";
import type { Logger } from "../../shared/logging.ts";

/**
 * Health by progress: a file that is touched while the poll loop turns and every claimed message moves on. An outage is
 * no standstill, because the loops turn through it. The supervisor goes by the file's mtime, and so does the image's
 * HEALTHCHECK; what an older worker left there only ages.
 */
export const HEARTBEAT_EVERY_MS = 5000;

/** On top of the longest a wait may take: a busy machine is late, and is not to be killed for it. */
const SLACK_MS = 30_000;

/** On the monotonic clock: neither a clock that is set nor a machine that slept is a standstill. */
export interface Signs {
  readonly now: number;
  /** When the poll loop's present wait ends at the latest, null before its first turn. */
  readonly pollDueAt: number | null;
  /** Since when the message in hand that is furthest behind has shown no progress, null with none in hand. */
  readonly claimStillSince: number | null;
}

/** @param longestStepMs the longest that a message in hand may go without a sign of progress */
export function whatStandsStill(signs: Signs, longestStepMs: number): "the poll loop" | "a message in hand" | null {
  const { now, pollDueAt, claimStillSince } = signs;
  if (pollDueAt === null || now > pollDueAt + SLACK_MS) return "the poll loop";
  if (claimStillSince !== null && now > claimStillSince + longestStepMs + SLACK_MS) return "a message in hand";
  return null;
}

/**
 * A sign of each message that this process has claimed, which changes whenever that moves: each step leaves an event
 * under the attempt's `agent.started`, or touches the message's row. It is asked of the tables, so that a message which
 * the task loop has lost sight of stands still too.
 */
export function signsOfClaims(db: Database, processId: number): { readonly id: number; readonly sign: string }[] {
  // Left to itself, SQLite reads every agent.started there ever was.
  const query = `
    SELECT i.id, concat_ws('/', i.updated_at, (
             SELECT max(e.id)
               FROM events a INDEXED BY attempts_by_task JOIN events e ON e.parent_id = a.id
              WHERE a.event_type = 'agent.started' AND json_extract(a.payload, '$.task_id') = i.id)) AS sign
      FROM inbox i INDEXED BY inbox_in_hand WHERE i.status IN ('queued', 'in_progress', 'replying') AND i.locked_by = ?`;
  return sql(db, query).all(processId) as { id: number; sign: string }[];
}

export interface HeartbeatSettings {
  readonly file: string;
  /** This worker's `process.started`. */
  readonly processId: number;
  readonly longestStepMs: number;
}

export function createHeartbeat(
  { db, clock, log }: { readonly db: Database; readonly clock: Clock; readonly log: Logger },
  { file, processId, longestStepMs }: HeartbeatSettings,
) {
  let pollDueAt: number | null = null;
  let claims = new Map<number, Claim>();
  let standstill: string | null = null;

  /** To be called every HEARTBEAT_EVERY_MS: touches the file, unless something stands still. */
  function beat(): void {
    const now = clock.monotonicMs();
    claims = new Map(signsOfClaims(db, processId).map(({ id, sign }) => [id, seenNow(claims.get(id), sign, now)]));
    const claimStillSince = claims.size === 0 ? null : Math.min(...[...claims.values()].map(({ since }) => since));
    const before = standstill;
    standstill = whatStandsStill({ now, pollDueAt, claimStillSince }, longestStepMs);
    if (standstill === null) touch(file);
    else if (standstill !== before) log.error(`the heartbeat is held back: ${standstill} stands still`);
  }

  /** The poll loop turns, and will again within `mostMs`. The first time is the first beat. */
  function pollTurned(mostMs: number): void {
    const isFirst = pollDueAt === null;
    pollDueAt = clock.monotonicMs() + mostMs;
    if (isFirst) beat();
  }

  return { beat, pollTurned };
}

/** The sign that a claimed message shows, and since when it is the same, on the monotonic clock. */
interface Claim {
  readonly sign: string;
  readonly since: number;
}

function seenNow(before: Claim | undefined, sign: string, now: number): Claim {
  return before?.sign === sign ? before : { sign, since: now };
}

/** Writing, unlike setting a time, is allowed to the whole group: the file may be another user's, and the next one's. */
export function touch(file: string): void {
  const isNew = !existsSync(file);
  writeFileSync(file, ""); // emptying it sets its mtime, also when it is empty already
  if (isNew) chmodSync(file, 0o664); // the umask would leave 0644
}
