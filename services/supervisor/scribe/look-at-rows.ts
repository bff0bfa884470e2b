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

/** No claim is longer, in bytes; what is, is none. */
const LONGEST_PAYLOAD = 2000;
/** Of one type, between two looks. An honest worker says a few; of a flood the end is heard, which its successor wrote. */
const MOST_OF_A_TYPE = 50;
const COUNTED = 100_000;
/** Far beyond what a log could hold; ids that JavaScript cannot count are near. */
const LARGEST_ID = 2 ** 48;

export interface Looked {
  readonly free: boolean;
  readonly anchored: boolean;
  readonly claims: RawRow[];
  readonly skipped: number;
  readonly scannedTo: number;
}

/** What there is to know of the rows, and whether the write lock can be had. Throws Damaged when ids are used up. */
export function lookAtRows(db: Database, question: { anchors: readonly Anchor[]; after: number }): Looked {
  assertIdsAreLeft(db);
  // What comes after this is of the next look.
  const scannedTo = maxEventId(db);
  // Ids only grow: when they have not, what was there is gone, and what is there now was never read.
  const after = question.after <= scannedTo ? question.after : 0;
  const ofTypes = CLAIM_TYPES.map((type) => newestOf(db, type, { after, to: scannedTo }));
  const rows = ofTypes.flatMap((found) => found.rows).sort((one, other) => one.id - other.id);
  const claims = rows.filter(({ payload }) => payload !== null);
  return {
    free: canBeWritten(db),
    anchored: question.anchors.every((anchor) => findAnchor(db, [anchor]) === 0),
    claims,
    skipped: rows.length - claims.length + ofTypes.reduce((sum, { older }) => sum + older, 0),
    scannedTo,
  };
}

interface Newest {
  readonly rows: RawRow[];
  /** How many came before these. */
  readonly older: number;
}

/** The length of a payload is asked of its row's header: one of many megabytes is not read for that. */
function newestOf(db: Database, type: string, { after, to }: { readonly after: number; readonly to: number }): Newest {
  const query = `SELECT ${rawRow(LONGEST_PAYLOAD)}
      FROM events WHERE event_type = ? AND id > ? AND id <= ? AND ${HAS_KNOWN_ID} ORDER BY id DESC LIMIT ${MOST_OF_A_TYPE}`;
  const rows = sql(db, query).all(type, after, to) as RawRow[];
  const oldest = rows.length === MOST_OF_A_TYPE ? rows.at(-1) : undefined;
  return { rows, older: oldest ? countBetween(db, type, { after, to: oldest.id }) : 0 };
}

function countBetween(
  db: Database,
  type: string,
  { after, to }: { readonly after: number; readonly to: number },
): number {
  const found = `SELECT 1 FROM events WHERE event_type = ? AND id > ? AND id < ? LIMIT ${COUNTED}`;
  return Number(sql(db, `SELECT count(*) FROM (${found})`).pluck().get(type, after, to));
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
