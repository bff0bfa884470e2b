import { join } from "node:path";
import { type Database, sql } from "../../../shared/database.ts";
import { newestEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { HEARTBEAT_FILE, mtimeOf } from "../../../shared/files.ts";
import { isoTime } from "../../../shared/iso-time.ts";
import type { Readiness } from "../../../shared/readiness.ts";
import { supervisorRuns } from "../../../shared/requests/supervisor-view.ts";
import { spentToday } from "../../../shared/spending-log.ts";
import {
  currentGoodRevision,
  isHalted,
  isOnHold,
  isStopped,
  type Revision,
  wantedRevision,
} from "../../../shared/state.ts";
import { newestWorker, outageOf } from "../../../shared/worker-state.ts";

/** What is true now, and may not be in a moment. */
export interface Moment extends Readiness {
  /** By what they are to the system: wanted, good, running. */
  readonly revisions: Readonly<Record<string, Revision | null>>;
  readonly startedAt: number | null;
  /** Open messages by status. */
  readonly open: Readonly<Record<string, number>>;
  readonly oldestOpenMs: number;
  /** What today's turns (UTC) cost, and may still cost. */
  readonly spentUsd: number;
  /** Of today, as far as the log tells it: it does once half of it is spent. */
  readonly budgetUsd: number | null;
}

interface Seen {
  readonly stateDir: string;
  readonly requestsDir: string;
  readonly now: number;
}

export function readMoment(db: Database, { stateDir, requestsDir, now }: Seen): Moment {
  const wanted = wantedRevision(db);
  const worker = newestWorker(db);
  const running = worker && !worker.exited ? worker : null;
  const halted = wanted && isHalted(db, wanted) ? newestEvent(db, EventType.SupervisorHalted) : null;
  const beatAt = mtimeOf(join(stateDir, HEARTBEAT_FILE));
  return {
    supervisorRuns: supervisorRuns(requestsDir),
    halted: halted?.payload.reason ?? null,
    stopped: isStopped(db),
    onHold: isOnHold(db),
    worker: running === null ? "none" : running.readyAt === null ? "not ready" : "ready",
    lastExit: worker?.exited ? (newestEvent(db, EventType.WorkerExited)?.payload.class ?? null) : null,
    cutOff: running && cutOffFrom(db, running.processId),
    heartbeatAgeMs: beatAt === null ? null : Math.max(now - beatAt, 0),
    revisions: { wanted, good: currentGoodRevision(db), running },
    startedAt: running?.at ?? null,
    ...openMessages(db, now),
    ...budgetOf(db, now),
  };
}

function cutOffFrom(db: Database, processId: number | null): string | null {
  const outage = outageOf(db, processId);
  return outage && `${outage.upstream} since ${isoTime(outage.since)}: ${outage.reason}`;
}

const OPEN = "status IN ('queued', 'in_progress', 'replying')";

function openMessages(db: Database, now: number): Pick<Moment, "open" | "oldestOpenMs"> {
  const query = `SELECT status, count(*) AS count, min(created_at) AS oldest FROM inbox INDEXED BY inbox_open
                  WHERE ${OPEN} GROUP BY status`;
  const rows = sql(db, query).all() as { status: string; count: number; oldest: number }[];
  return {
    open: Object.fromEntries(rows.map(({ status, count }) => [status, count])),
    oldestOpenMs: Math.max(now - Math.min(now, ...rows.map(({ oldest }) => oldest)), 0),
  };
}

function budgetOf(db: Database, now: number): Pick<Moment, "spentUsd" | "budgetUsd"> {
  const { day, settledUsd, reservedUsd } = spentToday(db, now);
  const notice = newestEvent(db, EventType.BudgetNoticed);
  const raised = "SELECT total(payload ->> '$.usd') FROM events WHERE event_type = 'budget.raised' AND id > ?";
  const budgetUsd =
    notice?.payload.day === day ? notice.payload.budget_usd + Number(sql(db, raised).pluck().get(notice.id)) : null;
  return { spentUsd: settledUsd + reservedUsd, budgetUsd };
}
