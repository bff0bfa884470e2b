import { join } from "node:path";
import type { Database } from "../../../shared/database.ts";
import { newestEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { HEARTBEAT_FILE, mtimeOf } from "../../../shared/files.ts";
import { lastWordsIn } from "../../../shared/last-words.ts";
import { HEARTBEAT_FRESH_MS } from "../../../shared/readiness.ts";
import { isHalted, isOnHold, isStopped, wantedRevision } from "../../../shared/state.ts";
import { newestWorker } from "../../../shared/worker-state.ts";
import { bad, type Finding, good, warning } from "./finding.ts";

/** Whether the worker runs, by its heartbeat and the log. */
export function lookAtWorker(db: Database, stateDir: string, now: number): Finding {
  if (isStopped(db)) return warning("worker", "an operator stopped it", "Let it run again: lastgood start.");
  const wanted = wantedRevision(db);
  if (wanted && isHalted(db, wanted)) {
    const reason = newestEvent(db, EventType.SupervisorHalted)?.payload.reason ?? "";
    return bad("worker", `halted: ${reason}`, "Deploy a good image, or roll back to one by name.");
  }
  const worker = newestWorker(db);
  const holds = isOnHold(db) ? " The agent is on hold: lastgood unhold." : "";
  if (!worker) return bad("worker", "none runs yet", `See why: docker compose logs supervisor.${holds}`);
  if (worker.exited) return gone(db, holds);
  const { instance, revision, readyAt } = worker;
  if (readyAt === null)
    return warning("worker", `${instance} of ${revision} is not ready yet`, "Look again in a minute.");
  const movedAt = mtimeOf(join(stateDir, HEARTBEAT_FILE));
  if (movedAt !== null && now - movedAt < HEARTBEAT_FRESH_MS)
    return good("worker", `${instance} of ${revision} is ready and gets on`);
  const detail = movedAt === null ? "is not there" : `has not moved for ${Math.round((now - movedAt) / 1000)} s`;
  const advice = `Wait: the supervisor kills what hangs. What docker pause paused goes on with docker unpause.${holds}`;
  return warning("worker", `the heartbeat of ${instance} ${detail}`, advice);
}

function gone(db: Database, holds: string): Finding {
  const exit = newestEvent(db, EventType.WorkerExited)?.payload;
  if (!exit) return bad("worker", "none runs", `See why: lastgood status.${holds}`);
  const words = lastWordsIn(exit).join(" ");
  const detail = `none runs; ${exit.instance} of ${exit.revision} ended: ${exit.class}${words && `: ${words}`}`;
  if (exit.class !== "configuration") return bad("worker", detail, `See lastgood revisions.${holds}`);
  return bad("worker", detail, `Mend the setting in .env, then: docker compose up -d.${holds}`);
}
