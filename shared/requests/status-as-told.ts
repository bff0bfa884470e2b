import type { Database } from "../database.ts";
import { readStatus, type Status } from "../status.ts";
import { readSupervisorView, supervisorRuns } from "./supervisor-view.ts";

/**
 * What is shown of the moment, by the log and by the living supervisor: what it decides, the log may tell otherwise,
 * because a worker may write into that whatever it likes.
 */
export function statusAsTold(db: Database, requestsDir: string, now: number): Status {
  const inLog = readStatus(db, now);
  const told = supervisorRuns(requestsDir) ? readSupervisorView(requestsDir)?.status : undefined;
  if (!told) return inLog;
  const { wanted, lastGood, worker, inProgress, halted, stopped, onHold } = told;
  return { ...inLog, wanted, lastGood, worker, inProgress, halted, stopped, onHold };
}
