import { join } from "node:path";
import { systemClock } from "../../shared/clock.ts";
import { readSettings } from "../../shared/config.ts";
import { openDatabase } from "../../shared/database.ts";
import { logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { runProcess } from "../../shared/lifecycle.ts";
import { createLogger } from "../../shared/logging.ts";
import { requireSchema } from "../../shared/schema.ts";
import { versionOfThisProgram } from "../../shared/version.ts";
import { workerSettings } from "./settings.ts";

async function work(signal: AbortSignal): Promise<number> {
  const settings = readSettings(workerSettings);
  const log = createLogger("worker", settings.LOG_LEVEL);
  const db = openDatabase(join(settings.STATE_DIR, "lastgood.db"));
  requireSchema(db);

  const version = versionOfThisProgram();
  const started = { role: "worker", pid: process.pid, version, instance: settings.WORKER_INSTANCE } as const;
  const processId = logEvent(db, settings.PARENT_PROCESS_ID, EventType.ProcessStarted, started);
  log.info({ event_id: processId, version }, EventType.ProcessStarted);

  while (!signal.aborted) await systemClock.sleep(Number.POSITIVE_INFINITY, signal);
  db.close();
  return 0;
}

await runProcess(work);
