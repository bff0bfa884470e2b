import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { type Clock, systemClock } from "../../shared/clock.ts";
import { environmentOfThisProcess, readSettings, type Values } from "../../shared/config.ts";
import { assertLocalFileSystem, type Database, tryLock } from "../../shared/database.ts";
import { logEvent, newestEventId } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import {
  bytesFreeAt,
  HEARTBEAT_FILE,
  JOURNAL_FILE,
  LEDGER_FILE,
  mtimeOf,
  SUPERVISOR_LOCK_FILE,
} from "../../shared/files.ts";
import { runProcess } from "../../shared/lifecycle.ts";
import { createLogger, type Logger } from "../../shared/logging.ts";
import { announcedLock } from "../../shared/requests/announced-lock.ts";
import { requestsDirectoryOf } from "../../shared/requests/requests-directory.ts";
import { supervisorLockOf } from "../../shared/requests/supervisor-view.ts";
import { versionOfThisProgram } from "../../shared/version.ts";
import { newestSupervisor } from "../../shared/worker-state.ts";
import { type AlertPorts, createWebhook, keepAlerting } from "./alerts.ts";
import { createBell } from "./bell.ts";
import { runControlLoop } from "./control-loop.ts";
import { openEngine, surroundingsOf } from "./docker/docker-engine.ts";
import { createDockerRuntime } from "./docker/docker-runtime.ts";
import { clearHeartbeat, createHeartbeatWatch } from "./heartbeat-watch.ts";
import { openJournal } from "./journal/journal.ts";
import { keepInTouch } from "./journal/keep-in-touch.ts";
import { openLedger } from "./journal/ledger.ts";
import { createSharedLog, type SharedLog } from "./journal/shared-log.ts";
import { createOperatorRequests } from "./operator-requests.ts";
import { createRecorder } from "./performer.ts";
import { createProcessRuntime } from "./process-runtime.ts";
import { createScribeProcess } from "./scribe/scribe-process.ts";
import { chatDeploys, supervisorSettings } from "./settings.ts";
import { createMomentTeller } from "./tell-of-the-moment.ts";
import { workerEnvironment } from "./worker-environment.ts";
import type { WorkerRuntime } from "./worker-runtime.ts";

async function supervise(signal: AbortSignal): Promise<number> {
  const settings = readSettings(supervisorSettings);
  const log = createLogger("supervisor", settings);
  const runtime = await createRuntime(settings, log);
  assertLocalFileSystem(settings.STATE_DIR);
  const journal = openJournal(join(settings.OWN_DIR, JOURNAL_FILE));
  const lock = await becomeTheOnlyOne(journal, settings, { log, signal });
  if (!lock) return 0;

  const clock = systemClock;
  const requestsDir = requestsDirectoryOf(settings);
  const presence = tryLock(supervisorLockOf(requestsDir)); // for CLI and console, which do not see the other
  const [bell, sharedBell] = [createBell(clock), createBell(clock)];
  const scribe = createScribeProcess({ clock, log }, scribeSettings(settings));
  const ledger = openLedger(join(settings.OWN_DIR, LEDGER_FILE));
  const freeBytes = () => bytesFreeAt(settings.STATE_DIR);
  const shared = createSharedLog({
    ...{ journal, ledger, scribe, clock, freeBytes },
    record: createRecorder(journal, log, NOBODY, sharedBell.ring),
    chatDeploys: chatDeploys(settings.CHAT_DEPLOYS, settings.WORKER_IMAGE),
    held: () => heldImages(runtime.adapter),
    isAnnounced: () => announcedLock(requestsDir, clock.now()) !== null,
    onChange: bell.ring,
  });
  scribe.onNews(sharedBell.ring);
  await beginWithTheFile({ shared, clock, journal }, signal);

  const version = versionOfThisProgram();
  const started = { role: "supervisor", pid: process.pid, version } as const;
  const supervisorId = logEvent(journal, null, EventType.ProcessStarted, started);
  log.info({ journal_id: supervisorId, version }, EventType.ProcessStarted);
  await shared.turn();

  const record = createRecorder(journal, log, supervisorId, sharedBell.ring);
  const requests = createOperatorRequests({ journal, clock, log, record, sharedIdOf: shared.sharedIdOf }, requestsDir);
  const tellMoment = createMomentTeller({ journal, clock, log, shared }, { pid: process.pid, version }, requestsDir);
  const ports = {
    ...{ db: journal, shared, log, clock, bell, freeBytes, supervisorId, record, requests },
    runtime: runtime.adapter,
    configured: runtime.configured,
    heartbeat: watchHeartbeat(settings),
    clearHeartbeat: () => clearHeartbeat(join(settings.STATE_DIR, HEARTBEAT_FILE)),
    soundings: createHeartbeatWatch({ mtime: () => shared.seen().soundings, monotonicMs: clock.monotonicMs }),
    startedAt: clock.now(),
    policy: policyFrom(settings),
  };
  const ended = new AbortController();
  requests.watch(bell.ring, ended.signal);
  const tell = () => {
    requests.tell();
    tellMoment();
  };
  const touch = keepInTouch(shared, { bell: sharedBell, tell }, ended.signal);
  const alerts = alertWith(settings.ALERT_WEBHOOK_URL, ports, ended.signal);
  const patience = {
    reconcileMs: settings.RECONCILE_SECONDS * 1000,
    engineMs: settings.DOCKER_PATIENCE_SECONDS * 1000,
  };
  await runControlLoop(ports, patience, signal);
  ended.abort();
  await Promise.all([alerts, touch]);
  await shared.flush();
  tell();
  scribe.stop();
  presence?.release();
  lock.release();
  ledger.close();
  journal.close();
  return 0;
}

/** What is recorded before there is a supervisor hangs under nothing. */
const NOBODY = null;

/** An installation that has no journal yet reads what was recorded before; one that cannot be read is not waited for longer. */
const FIRST_READ_MS = 60_000;
const READ_AGAIN_MS = 1000;

async function beginWithTheFile(
  { shared, clock, journal }: { readonly shared: SharedLog; readonly clock: Clock; readonly journal: Database },
  signal: AbortSignal,
): Promise<void> {
  const isKnown = newestEventId(journal) > 0;
  const until = clock.monotonicMs() + (isKnown ? 0 : FIRST_READ_MS);
  while (!(await shared.begin()) && !signal.aborted && clock.monotonicMs() < until)
    await clock.sleep(READ_AGAIN_MS, signal);
}

async function heldImages(runtime: WorkerRuntime): Promise<ReadonlySet<string> | null> {
  try {
    return (await runtime.look()).held;
  } catch (error) {
    if (runtime.isUnavailable(error)) return null;
    throw error;
  }
}

function scribeSettings({ STATE_DIR: stateDir }: SupervisorValues) {
  const { NODE_COMPILE_CACHE } = environmentOfThisProcess();
  return { stateDir, environment: NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE } };
}

function alertWith(
  url: string | null,
  ports: Omit<AlertPorts, "send"> & { supervisorId: number },
  signal: AbortSignal,
) {
  return url === null ? null : keepAlerting({ ...ports, send: createWebhook(url) }, ports.supervisorId, signal);
}

const LOCK_RETRY_MS = 1000;

/** Two supervisors would undo each other's work. The second says who is there, and waits. Null when asked to stop. */
async function becomeTheOnlyOne(journal: Database, { OWN_DIR }: SupervisorValues, { log, signal }: Waiting) {
  for (let told = false; !signal.aborted; told = true) {
    const lock = tryLock(join(OWN_DIR, SUPERVISOR_LOCK_FILE));
    if (lock) return lock;
    if (!told)
      log.warn(
        { newest_supervisor: newestSupervisor(journal) },
        "another supervisor holds this volume: waiting for it to go",
      );
    await systemClock.sleep(LOCK_RETRY_MS, signal);
  }
  return null;
}

interface Waiting {
  readonly log: Logger;
  readonly signal: AbortSignal;
}

type SupervisorValues = Values<typeof supervisorSettings>;

/** The adapter, and the reference that the configuration names for it. */
interface ConfiguredRuntime {
  readonly adapter: WorkerRuntime;
  readonly configured: string;
}

async function createRuntime(settings: SupervisorValues, log: Logger): Promise<ConfiguredRuntime> {
  return settings.WORKER_RUNTIME === "docker" ? dockerRuntime(settings, log) : processRuntime(settings);
}

async function dockerRuntime(settings: SupervisorValues, log: Logger): Promise<ConfiguredRuntime> {
  const stateDir = settings.STATE_DIR;
  const socketPath = settings.DOCKER_SOCKET;
  const docker = openEngine(socketPath);
  const surroundings = await surroundingsOf(docker, { containerId: hostname(), socketPath, stateDir });
  const limits = {
    memoryMb: settings.WORKER_MEMORY_MB,
    pids: settings.WORKER_PIDS,
    stopGraceSeconds: settings.STOP_GRACE_SECONDS,
  };
  const environment = environmentForWorkers(settings);
  const ports = { docker, clock: systemClock, log };
  const adapter = createDockerRuntime(ports, surroundings, {
    worker: { stateDir, limits, environment },
    pulls: { loginsPath: settings.DOCKER_LOGINS, ...PULL_PATIENCE },
  });
  return { adapter, configured: settings.WORKER_IMAGE };
}

/**
 * Unpacking says something all the time, too: a registry that is silent for so long hangs. In an hour a line of
 * 300 KB/s brings a gigabyte; a registry that is slower than that never ends.
 */
const PULL_PATIENCE = { stallMs: 120_000, longestMs: 60 * 60_000, tellMs: 5000 };

function processRuntime(settings: SupervisorValues): ConfiguredRuntime {
  const program = resolve(import.meta.dirname, "../worker/main.ts");
  const revision = { revision: "host", imageId: `sources:${versionOfThisProgram()}` };
  const environment = environmentForWorkers(settings);
  const adapter = createProcessRuntime({ clock: systemClock }, { program, revision, environment });
  return { adapter, configured: revision.revision };
}

function environmentForWorkers(settings: SupervisorValues) {
  const facts = { stateDir: settings.STATE_DIR, localPeersUrl: settings.LOCAL_PEERS_URL };
  return workerEnvironment(environmentOfThisProcess(), facts);
}

function watchHeartbeat({ STATE_DIR }: SupervisorValues) {
  const mtime = () => mtimeOf(join(STATE_DIR, HEARTBEAT_FILE));
  return createHeartbeatWatch({ mtime, monotonicMs: systemClock.monotonicMs });
}

function policyFrom(settings: SupervisorValues) {
  return {
    crashThreshold: settings.CRASH_THRESHOLD,
    crashWindowSeconds: settings.CRASH_WINDOW_SECONDS,
    restartMaxMs: settings.RESTART_MAX_SECONDS * 1000,
    healthySeconds: settings.RESTART_HEALTHY_SECONDS,
    probationMs: settings.PROBATION_SECONDS * 1000,
    readyTimeoutMs: settings.READY_TIMEOUT_SECONDS * 1000,
    hangMs: settings.HANG_SECONDS * 1000,
    haltProbeMs: settings.HALT_PROBE_SECONDS * 1000,
    stopGraceMs: settings.STOP_GRACE_SECONDS * 1000,
    onStop: settings.SUPERVISOR_ON_STOP,
  };
}

await runProcess(supervise);
