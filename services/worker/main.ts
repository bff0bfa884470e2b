import { join } from "node:path";
import { systemClock } from "../../shared/clock.ts";
import { readSettings, type Values } from "../../shared/config.ts";
import { type Database, openDatabase } from "../../shared/database.ts";
import { logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { type BacklogLimit, firstStartOf } from "../../shared/inbox.ts";
import { runProcess } from "../../shared/lifecycle.ts";
import { createLogger, type Logger } from "../../shared/logging.ts";
import { requireSchema } from "../../shared/schema.ts";
import { versionOfThisProgram } from "../../shared/version.ts";
import { attempt } from "./attempt.ts";
import { runIntake } from "./intake.ts";
import { createOpenAiModel } from "./model/openai.ts";
import { workerSettings } from "./settings.ts";
import { createTaskLoop } from "./task-loop.ts";
import { botIdOf, createTelegram } from "./telegram.ts";

type WorkerValues = Values<typeof workerSettings>;

async function work(signal: AbortSignal): Promise<number> {
  const settings = readSettings(workerSettings);
  const log = createLogger("worker", settings.LOG_LEVEL);
  const db = openDatabase(join(settings.STATE_DIR, "lastgood.db"));
  requireSchema(db);
  const botId = botIdOf(settings.TELEGRAM_BOT_TOKEN);
  const processId = recordStart(db, log, { settings, botId });
  warnIfNobodyIsAnswered(log, settings);

  const telegram = createTelegram(telegramSettings(settings));
  const model = createOpenAiModel(modelSettings(settings));
  const agentPorts = { db, clock: systemClock, log, model, sender: telegram };
  const tasks = createTaskLoop(
    {
      db,
      clock: systemClock,
      attempt: (task, abort) => attempt(agentPorts, task, settings.TG_HISTORY_WINDOW, abort),
    },
    { processId, concurrency: settings.WORKER_CONCURRENCY, graceMs: settings.STOP_GRACE_SECONDS * 1000 * GRACE_SHARE },
  );

  const caughtUp = Promise.withResolvers<void>();
  const intake = runIntake(
    { db, clock: systemClock, log, source: telegram },
    {
      botId,
      processId,
      allowed: settings.TELEGRAM_ALLOWED_CHATS,
      pollSeconds: settings.TG_POLL_SECONDS,
      backlog: backlogLimit(db, botId, settings),
    },
    { onCaughtUp: caughtUp.resolve, onAccepted: tasks.wake, signal },
  );
  // Only with everything in that waited is it known which of it is to be answered.
  await Promise.race([caughtUp.promise, intake]);
  await Promise.all([intake, tasks.run(signal)]);
  db.close();
  return 0;
}

/** Of the grace that the supervisor gives, the rest is for giving messages back and closing. */
const GRACE_SHARE = 0.8;

function recordStart(db: Database, log: Logger, about: { settings: WorkerValues; botId: number }): number {
  const { WORKER_INSTANCE: instance, PARENT_PROCESS_ID: parent } = about.settings;
  const version = versionOfThisProgram();
  const started = { role: "worker", pid: process.pid, version, instance, bot_id: about.botId } as const;
  const processId = logEvent(db, Number(parent), EventType.ProcessStarted, started);
  log.info({ event_id: processId, ...started }, EventType.ProcessStarted);
  return processId;
}

function warnIfNobodyIsAnswered(log: Logger, { TELEGRAM_ALLOWED_CHATS: allowed }: WorkerValues): void {
  if (allowed.kind === "listed" && allowed.ids.size === 0) {
    log.warn("nobody is answered: set TELEGRAM_ALLOWED_CHATS to the ids of your chats, or to * for everyone");
  }
}

function backlogLimit(db: Database, botId: number, settings: WorkerValues): BacklogLimit | null {
  const startedAt = firstStartOf(db, botId);
  if (!settings.TG_DROP_PENDING || startedAt === null) return null;
  const { TG_PENDING_MAX_MESSAGES: maxMessages, TG_PENDING_WINDOW_SECONDS: windowSeconds } = settings;
  return { startedAt, windowMs: windowSeconds * 1000, maxMessages };
}

function telegramSettings(settings: WorkerValues) {
  return {
    token: settings.TELEGRAM_BOT_TOKEN,
    apiRoot: settings.TELEGRAM_API_ROOT,
    pollSeconds: settings.TG_POLL_SECONDS,
  };
}

function modelSettings(settings: WorkerValues) {
  return {
    apiKey: settings.OPENAI_API_KEY,
    baseUrl: settings.OPENAI_BASE_URL,
    model: settings.OPENAI_MODEL,
    timeoutMs: settings.OPENAI_TIMEOUT_SECONDS * 1000,
  };
}

await runProcess(work);
