import { type Database, sql } from "./database.ts";
import { eventById, lastEvents, newestEvent } from "./event-log.ts";
import { EventType } from "./event-types.ts";
import { lastWordsIn } from "./last-words.ts";
import {
  currentGoodRevision,
  isDecided,
  isHalted,
  isOnHold,
  isStopped,
  openRollback,
  pendingRequest,
  type Revision,
  wantedRevision,
} from "./state.ts";
import { IS_BOUNDED } from "./stored-payload.ts";
import { newestWorker, outageOf } from "./worker-state.ts";

/** What the log says of the moment. Whether the supervisor itself lives is not in it. */
export interface Status {
  readonly wanted: (Revision & { readonly by: "deploy" | "rollback"; readonly since: Date }) | null;
  readonly lastGood: Revision | null;
  readonly worker: WorkerStatus | null;
  readonly inProgress: readonly InProgress[];
  /** Why the supervisor has stopped trying other revisions, null when it has not. */
  readonly halted: string | null;
  /** What an operator wished, until the opposite is wished: nothing is to run; nothing is to be done by itself. */
  readonly stopped: boolean;
  readonly onHold: boolean;
  /** How often a worker ended in the last 24 h, by class. */
  readonly exits: Readonly<Record<string, number>>;
  /** How many messages are not answered, by status. Those that are over are not counted: they only ever grow. */
  readonly inbox: Readonly<Record<string, number>>;
  /** When the oldest message arrived that has no answer yet. */
  readonly oldestWaiting: Date | null;
  readonly newestEvent: { readonly id: number; readonly eventType: string; readonly at: Date } | null;
}

export interface WorkerStatus extends Revision {
  readonly instance: string;
  readonly state:
    | { readonly kind: "starting" | "ready" | "stopping"; readonly since: Date }
    | { readonly kind: "exited"; readonly since: Date; readonly class: string };
  /** What it said last, when it ended on its own account; oldest first. */
  readonly lastWords: readonly string[];
  /** Which upstream it cannot reach, since when, and why; null while it reaches all. */
  readonly cutOff: { readonly upstream: string; readonly since: Date; readonly reason: string } | null;
}

/** `asked` waits for the supervisor's answer; the others were accepted and have no outcome yet. */
export interface InProgress {
  readonly kind: "deploy" | "rollback" | "asked deploy" | "asked rollback";
  readonly revision: string | null;
  readonly since: Date;
  readonly reason: string | null;
}

const DAY_MS = 86_400_000;
/** An exit every nine seconds, all day long: beyond it the number tells nothing more, and the walk stays short. */
const MOST_EXITS = 10_000;

/** Call it in a transaction: it is many queries, and they should see one state of the log. */
export function readStatus(db: Database, now: number): Status {
  return { ...readStatusWithoutInbox(db, now), inbox: unansweredByStatus(db), oldestWaiting: oldestWaiting(db) };
}

/** The same of a log that has no messages beside it: as if there were none. */
export function readStatusWithoutInbox(db: Database, now: number): Status {
  const wanted = wantedRevision(db);
  const halted = newestEvent(db, EventType.SupervisorHalted);
  const newest = lastEvents(db, 1)[0];
  return {
    wanted: wanted && { ...revisionOf(wanted), by: wanted.by, since: new Date(wanted.at) },
    lastGood: currentGoodRevision(db),
    worker: workerStatus(db),
    inProgress: [...deployInProgress(db), ...rollbackInProgress(db), ...unanswered(db)],
    halted: halted && wanted && isHalted(db, wanted) ? halted.payload.reason : null,
    stopped: isStopped(db),
    onHold: isOnHold(db),
    exits: exitsSince(db, now - DAY_MS),
    inbox: {},
    oldestWaiting: null,
    newestEvent: newest ? { id: newest.id, eventType: newest.eventType, at: new Date(newest.timestamp) } : null,
  };
}

const revisionOf = ({ revision, imageId }: Revision): Revision => ({ revision, imageId });

function workerStatus(db: Database): WorkerStatus | null {
  const worker = newestWorker(db);
  if (!worker) return null;
  const { instance, exited, stopping, readyAt, at } = worker;
  const exit = exited ? newestEvent(db, EventType.WorkerExited) : null;
  const known = {
    instance,
    ...revisionOf(worker),
    lastWords: [],
    cutOff: exit ? null : outageOf(db, worker.processId),
  };
  if (exit) {
    const state = { kind: "exited", since: new Date(exit.timestamp), class: exit.payload.class } as const;
    return { ...known, state, lastWords: lastWordsIn(exit.payload) };
  }
  if (stopping) {
    const since = new Date(newestEvent(db, EventType.WorkerStopping)?.timestamp ?? at);
    return { ...known, state: { kind: "stopping", since } };
  }
  if (readyAt !== null) return { ...known, state: { kind: "ready", since: new Date(readyAt) } };
  return { ...known, state: { kind: "starting", since: new Date(at) } };
}

function deployInProgress(db: Database): InProgress[] {
  const wanted = wantedRevision(db);
  if (wanted?.by !== "deploy" || isDecided(db, wanted)) return [];
  return [{ kind: "deploy", revision: wanted.revision, since: new Date(wanted.at), reason: null }];
}

function rollbackInProgress(db: Database): InProgress[] {
  const open = openRollback(db);
  if (!open) return [];
  const reason = `from ${open.from}: ${open.reason}`;
  return [{ kind: "rollback", revision: open.target.revision, since: timeOf(db, open.eventId), reason }];
}

function unanswered(db: Database): InProgress[] {
  const request = pendingRequest(db);
  if (!request) return [];
  const { kind, revision, eventId } = request;
  return [{ kind: `asked ${kind}`, revision, since: timeOf(db, eventId), reason: null }];
}

function timeOf(db: Database, eventId: number): Date {
  return new Date(eventById(db, eventId)?.timestamp ?? 0);
}

function exitsSince(db: Database, from: number): Record<string, number> {
  const query = `SELECT class, count(*) FROM
      (SELECT substr(payload ->> '$.class', 1, 100) AS class, timestamp FROM events WHERE event_type = 'worker.exited' AND ${IS_BOUNDED}
        ORDER BY id DESC LIMIT ${MOST_EXITS})
      WHERE timestamp >= ? GROUP BY class ORDER BY count(*) DESC, class`;
  return Object.fromEntries(sql(db, query).raw().all(from) as [string, number][]);
}

/** The query behind `inbox`; a test looks at its plan. */
export const UNANSWERED = `
  SELECT status, count(*) FROM inbox INDEXED BY inbox_open
   WHERE status IN ('queued', 'in_progress', 'replying') GROUP BY status
  UNION ALL
  SELECT status, count(*) FROM inbox INDEXED BY inbox_ended_badly
   WHERE status IN ('failed', 'set_aside') GROUP BY status`;

/** How many messages are not answered, by status. */
export function unansweredByStatus(db: Database): Record<string, number> {
  return Object.fromEntries(sql(db, UNANSWERED).raw().all() as [string, number][]);
}

function oldestWaiting(db: Database): Date | null {
  const query = "SELECT min(created_at) FROM inbox WHERE status IN ('queued', 'in_progress', 'replying')";
  const createdAt = sql(db, query).pluck().get() as number | null;
  return createdAt === null ? null : new Date(createdAt);
}
