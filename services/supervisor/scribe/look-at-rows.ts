import { type Database, sql } from "../../../shared/database.ts";
import { EventType } from "../../../shared/event-types.ts";
import { Damaged } from "./open-file.ts";
import { findAnchor, HAS_KNOWN_ID, maxEventId, rawRow } from "./read-rows.ts";
import type { RawRow } from "./scribe.ts";
import type { Anchor } from "./shared-file.ts";

/** What a worker says that a decision may depend on; who says it, and whether it is so, is not asked here. */
const CLAIM_TYPES = [
  EventType.ProcessStarted,
  EventType.WorkerReady,
  EventType.UpstreamUnavailable,
  EventType.UpstreamAvailable,
  EventType.DeployRequested,
  EventType.RollbackRequested,
  EventType.MessageSetAside,
] as const;

/** No claim is longer; what is, is none. */
const LONGEST_PAYLOAD = 2000;
const PAGE = 100;
/** Far beyond what a log could hold; ids that JavaScript cannot count are near. */
const LARGEST_ID = 2 ** 48;

export interface Looked {
  readonly free: boolean;
  readonly anchored: boolean;
  readonly claims: RawRow[];
  readonly skipped: number;
  readonly scannedTo: number;
  readonly more: boolean;
}

/** What there is to know of the rows, and whether the write lock can be had. Throws Damaged when ids are used up. */
export function lookAtRows(db: Database, question: { anchors: readonly Anchor[]; after: number }): Looked {
  assertIdsAreLeft(db);
  const newest = maxEventId(db);
  // Ids only grow: when they have not, what was there is gone, and what is there now was never read.
  const after = question.after <= newest ? question.after : 0;
  const pages = CLAIM_TYPES.map((type) => pageOf(db, type, after));
  const full = pages.filter((page) => page.length === PAGE).map((page) => Number(page.at(-1)?.id));
  // Beyond the end of a page that is full there may be more of its type.
  const scannedTo = full.length > 0 ? Math.min(...full) : newest;
  const rows = pages
    .flat()
    .filter(({ id }) => id <= scannedTo)
    .sort((one, other) => one.id - other.id);
  const claims = rows.filter(({ payload }) => payload !== null);
  return {
    free: canBeWritten(db),
    anchored: question.anchors.every((anchor) => findAnchor(db, [anchor]) === 0),
    claims,
    skipped: rows.length - claims.length,
    scannedTo,
    more: full.length > 0,
  };
}

function pageOf(db: Database, type: string, after: number): RawRow[] {
  const query = `SELECT ${rawRow(LONGEST_PAYLOAD)}
      FROM events WHERE event_type = ? AND id > ? AND ${HAS_KNOWN_ID} ORDER BY id LIMIT ${PAGE}`;
  return sql(db, query).all(type, after) as RawRow[];
}

/** Somebody may write what no id can follow: with 2^63 - 1 there, every append fails for ever. */
function assertIdsAreLeft(db: Database): void {
  const used = sql(db, "SELECT max(seq) FROM sqlite_sequence").pluck().get();
  const isThere = sql(db, `SELECT 1 FROM events WHERE id > ${LARGEST_ID} LIMIT 1`).get() !== undefined;
  if (isThere || (typeof used === "number" && used > LARGEST_ID))
    throw new Damaged("the ids of the shared file are used up");
}

/** Whether nobody holds the write lock for longer than a commit takes. */
function canBeWritten(db: Database): boolean {
  try {
    sql(db, "BEGIN IMMEDIATE").run();
    sql(db, "ROLLBACK").run();
    return true;
  } catch (error) {
    if (String((error as { code?: unknown }).code).startsWith("SQLITE_BUSY")) return false;
    throw error;
  }
}

/** The newest row that could be a claim: another number says that there is something to look at. */
export function newestClaimId(db: Database): number {
  const newest = sql(db, "SELECT id FROM events WHERE event_type = ? ORDER BY id DESC LIMIT 1").pluck();
  return Math.max(...CLAIM_TYPES.map((type) => Number(newest.get(type) ?? 0)));
}
