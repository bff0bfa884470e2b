import { join } from "node:path";
import { every, systemClock } from "../../shared/clock.ts";
import { readSettings, type Values } from "../../shared/config.ts";
import type { Database } from "../../shared/database.ts";
import { logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { HEARTBEAT_FILE } from "../../shared/files.ts";
import { type BacklogLimit, firstStartOf } from "../../shared/inbox.ts";
import { runProcess } from "../../shared/lifecycle.ts";
import { createLogger, type Logger } from "../../shared/logging.ts";
import { requireSchema } from "../../shared/schema.ts";
import { versionOfThisProgram } from "../../shared/version.ts";
import { instanceOf } from "../../shared/worker-state.ts";
import { agentSettings } from "./agent/agent-settings.ts";
import { attempt } from "./attempt/attempt.ts";
import { check } from "./check.ts";
import { attemptControl } from "./commands/attempt-control.ts";
import { offerCommands } from "./commands/offer-commands.ts";
import { budgetSettings } from "./control/budget-settings.ts";
import { createBudgetWatch, createSpending } from "./control/daily-budget.ts";
import { guardModel } from "./control/guarded-model.ts";
import { keepDraftsEnded } from "./delivery/left-drafts.ts";
import { LONGEST_PAUSE_MS } from "./delivery/wait-out.ts";
import { createHeartbeat, HEARTBEAT_EVERY_MS, type HeartbeatSettings } from "./health.ts";
import { awaitsOwner } from "./intake/access.ts";
import { createAdmission } from "./intake/admission.ts";
import { longestPollMs, runIntake } from "./intake/intake.ts";
import { learnOwnName } from "./intake/own-name.ts";
import { createPairing } from "./intake/pairing.ts";
import type { Model } from "./model/model.ts";
import { createModels, type OpenAiSettings } from "./model/openai.ts";
import { openPatiently } from "./open-patiently.ts";
import { keepOperatorTold } from "./operator/tell-operator.ts";
import { endingForNow } from "./place-fault.ts";
import { releaseDeadClaims } from "./queue/dead-claims.ts";
import { LOOK_FOR_OVERDUE_EVERY_MS, overdueAfterMs, reportOverdue } from "./queue/overdue.ts";
import { createTaskLoop, type TaskLoop } from "./queue/task-loop.ts";
import { workerSettings } from "./settings.ts";
import { botIdOf, createTelegram } from "./telegram.ts";
import { createCurrentTime } from "./tools/current-time.ts";
import { createRecall } from "./tools/recall.ts";

type WorkerValues = Values<typeof workerSettings>;

/** sysexits.h, EX_USAGE. */
const EXIT_USAGE = 64;

async function main(signal: AbortSignal): Promise<number> {
  const [command, ...more] = process.argv.slice(2);
  if (command === undefined) return work(signal);
  if (command === "check" && more.length === 0) return sayWhetherItCouldRun();
  process.stderr.write("usage: node services/worker/main.ts [check]\n");
  return EXIT_USAGE;
}

function sayWhetherItCouldRun(): number {
  check();
  process.stdout.write(`worker ${versionOfThisProgram()} can run here: settings, libraries and schema are right\n`);
  return 0;
}

async function work(signal: AbortSignal): Promise<number> {
  const settings = readSettings(workerSettings);
  const attempts = { ...agentSettings(settings), maxRetries: settings.MAX_RETRIES };
  const budget = budgetSettings(settings);
  const log = createLogger("worker", settings);
  const db = openPatiently(settings.STATE_DIR);
  requireSchema(db);
  const botId = botIdOf(settings.TELEGRAM_BOT_TOKEN);
  const processId = recordStart(db, log, { settings, botId });
  const access = { allowed: settings.TELEGRAM_ALLOWED_CHATS, ownerChat: settings.TELEGRAM_OWNER_CHAT };
  const pairing = createPairing(showPairingCode(log), systemClock);
  if (awaitsOwner(db, access)) pairing.open();

  const telegram = createTelegram(telegramSettings(settings));
  const guard = (model: Model) => guardModel(model, { db, clock: systemClock }, processId);
  const [model, ...others] = createModels(modelSettings(settings));
  const agent = {
    models: [guard(model), ...others.map(guard)],
    tools: [createCurrentTime(systemClock), createRecall(db)],
    spending: createSpending({ db, clock: systemClock }, budget, processId),
  } as const;
  const ports = { db, clock: systemClock, log, ...agent, sender: telegram, source: telegram };

  const heartbeat = createHeartbeat(ports, heartbeatSettings(settings, processId));
  every(HEARTBEAT_EVERY_MS, heartbeat.beat, signal);
  const tasks: TaskLoop = createTaskLoop(
    {
      ...ports,
      attempt: (task, abort) =>
        task.kind === "message"
          ? attempt(ports, task, attempts, abort)
          : attemptControl({ ...ports, pairing, abort: tasks.abort }, task, access, abort),
    },
    { processId, concurrency: settings.WORKER_CONCURRENCY, graceMs: settings.STOP_GRACE_SECONDS * 1000 * GRACE_SHARE },
  );

  const takeOver = () => releaseDeadClaims(db, processId) > 0 && tasks.wake();
  every(TAKE_OVER_EVERY_MS, takeOver, signal);

  // OPENAI_TIMEOUT_SECONDS bounds an attempt.
  const afterMs = overdueAfterMs(settings.MAX_WALL_SECONDS * 1000, settings.MAX_RETRIES);
  const sweep = () => reportOverdue(ports, processId, { now: systemClock.now(), afterMs });
  every(LOOK_FOR_OVERDUE_EVERY_MS, sweep, signal);

  const caughtUp = Promise.withResolvers<void>();
  const backlog = backlogLimit(db, botId, settings);
  const courtesySince = backlog?.startedAt ?? null;
  const admit = createAdmission({ db, pairing }, { ...access, botId, processId, courtesySince });
  const intake = runIntake(
    { ...ports, admit },
    { botId, processId, pollSeconds: settings.TG_POLL_SECONDS, backlog, random: Math.random },
    { onTurn: heartbeat.pollTurned, onCaughtUp: caughtUp.resolve, onAccepted: tasks.wake, signal },
  );
  const named = learnOwnName(ports, { botId, processId }, signal);
  // Only with everything in that waited is it known which of it is to be answered.
  await Promise.race([caughtUp.promise, intake]);
  void offerCommands(ports, signal);
  if (budget.dailyBudgetUsd !== null) {
    const watchBudget = createBudgetWatch(db, processId, budget.dailyBudgetUsd);
    every(BUDGET_LOOK_MS, () => watchBudget(systemClock.now()), signal);
  }
  const operator = keepOperatorTold(ports, { ...access, botId, processId }, signal);
  const drafts = keepDraftsEnded({ ...ports, isInHand: tasks.isInHand }, signal);
  await Promise.all([intake, named, tasks.run(signal), operator, drafts]);
  db.close();
  return 0;
}

const BUDGET_LOOK_MS = 5000;
/** This worker's own `worker.spawned`, which makes all others older, may come into the log after it has begun. */
const TAKE_OVER_EVERY_MS = 5000;
/** Of the grace that the supervisor gives, the rest is for giving messages back and closing. */
const GRACE_SHARE = 0.8;

function recordStart(db: Database, log: Logger, about: { settings: WorkerValues; botId: number }): number {
  const { WORKER_INSTANCE, PARENT_PROCESS_ID: parent } = about.settings;
  const instance = instanceOf(db, WORKER_INSTANCE);
  const version = versionOfThisProgram();
  const started = { role: "worker", pid: process.pid, version, instance, bot_id: about.botId } as const;
  const processId = logEvent(db, Number(parent), EventType.ProcessStarted, started);
  log.info({ event_id: processId, ...started }, EventType.ProcessStarted);
  return processId;
}

function showPairingCode(log: Logger): (code: string) => void {
  return (code) =>
    log.warn(
      `nobody is answered yet: to be this bot's owner, send it /pair ${code} from your chat; or set TELEGRAM_ALLOWED_CHATS to the ids of your chats, or to * for everyone`,
    );
}

function backlogLimit(db: Database, botId: number, settings: WorkerValues): BacklogLimit | null {
  const startedAt = firstStartOf(db, botId);
  if (!settings.TG_DROP_PENDING || startedAt === null) return null;
  const { TG_PENDING_MAX_MESSAGES: maxMessages, TG_PENDING_WINDOW_SECONDS: windowSeconds } = settings;
  return { startedAt, windowMs: windowSeconds * 1000, maxMessages };
}

function heartbeatSettings(settings: WorkerValues, processId: number): HeartbeatSettings {
  const { STATE_DIR, TG_POLL_SECONDS, OPENAI_TIMEOUT_SECONDS } = settings;
  // A message waits for the model, for Telegram to take a part, or for its next sign of life in a pause.
  const longestStepMs = Math.max(OPENAI_TIMEOUT_SECONDS * 1000, longestPollMs(TG_POLL_SECONDS), LONGEST_PAUSE_MS);
  return { file: join(STATE_DIR, HEARTBEAT_FILE), processId, longestStepMs };
}

function telegramSettings(settings: WorkerValues) {
  return {
    token: settings.TELEGRAM_BOT_TOKEN,
    apiRoot: settings.TELEGRAM_API_ROOT,
    pollSeconds: settings.TG_POLL_SECONDS,
  };
}

function modelSettings(settings: WorkerValues): OpenAiSettings {
  return {
    apiKey: settings.OPENAI_API_KEY,
    baseUrl: settings.OPENAI_BASE_URL,
    models: [settings.OPENAI_MODEL, ...settings.OPENAI_FALLBACK_MODELS],
    timeoutMs: settings.OPENAI_TIMEOUT_SECONDS * 1000,
    idleMs: settings.OPENAI_IDLE_SECONDS * 1000,
  };
}

await runProcess(main, endingForNow);
