import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { systemClock } from "../../shared/clock.ts";
import { environmentOfThisProcess, readSettings, type Values } from "../../shared/config.ts";
import { openDatabase } from "../../shared/database.ts";
import { logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { runProcess } from "../../shared/lifecycle.ts";
import { createLogger, type Logger } from "../../shared/logging.ts";
import { initSchema } from "../../shared/schema.ts";
import { versionOfThisProgram } from "../../shared/version.ts";
import { runControlLoop } from "./control-loop.ts";
import { connectToDocker, createDockerRuntime } from "./docker-runtime.ts";
import { createRecorder } from "./perform.ts";
import { createProcessRuntime } from "./process-runtime.ts";
import { supervisorSettings } from "./settings.ts";
import { type WorkerIdentity, workerEnvironment } from "./worker-environment.ts";
import type { WorkerRuntime } from "./worker-runtime.ts";

async function supervise(signal: AbortSignal): Promise<number> {
  const settings = readSettings(supervisorSettings);
  const log = createLogger("supervisor", settings.LOG_LEVEL);
  const runtime = await createRuntime(settings, log);
  const db = openDatabase(join(settings.STATE_DIR, "lastgood.db"));
  initSchema(db);

  const version = versionOfThisProgram();
  const started = { role: "supervisor", pid: process.pid, version } as const;
  const supervisorId = logEvent(db, null, EventType.ProcessStarted, started);
  log.info({ event_id: supervisorId, version }, EventType.ProcessStarted);

  const record = createRecorder(db, log, supervisorId);
  const policy = policyFrom(settings);
  const configured = runtime.configured;
  const ports = { db, clock: systemClock, runtime: runtime.adapter, supervisorId, configured, log, record, policy };
  await runControlLoop(ports, settings.RECONCILE_SECONDS * 1000, signal);
  db.close();
  return 0;
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
  const { docker, surroundings, imageEnvironment } = await connectToDocker(
    settings.DOCKER_SOCKET,
    hostname(),
    stateDir,
  );
  const limits = {
    memoryMb: settings.WORKER_MEMORY_MB,
    pids: settings.WORKER_PIDS,
    stopGraceSeconds: settings.STOP_GRACE_SECONDS,
  };
  // The worker's own image and container bring their own of these.
  const environmentFor = environmentMaker(settings, [...imageEnvironment, "HOSTNAME", "HOME", "PATH"]);
  const ports = { docker, clock: systemClock, log };
  const adapter = createDockerRuntime(ports, surroundings, { stateDir, limits, environmentFor });
  return { adapter, configured: settings.WORKER_IMAGE };
}

function processRuntime(settings: SupervisorValues): ConfiguredRuntime {
  const program = resolve(import.meta.dirname, "../worker/main.ts");
  const revision = { revision: "host", imageId: `sources:${versionOfThisProgram()}` };
  const environmentFor = environmentMaker(settings, []);
  const adapter = createProcessRuntime({ clock: systemClock }, { program, revision, environmentFor });
  return { adapter, configured: revision.revision };
}

/** The settings that are the worker's business too. */
const SHARED_WITH_WORKER = new Set(["LOG_LEVEL", "STOP_GRACE_SECONDS"]);

function environmentMaker(settings: SupervisorValues, ofTheImage: readonly string[]) {
  const supervisorsOwn = Object.keys(supervisorSettings).filter((name) => !SHARED_WITH_WORKER.has(name));
  const keptBack = new Set([...supervisorsOwn, ...ofTheImage]);
  const given = environmentOfThisProcess();
  const facts = { stateDir: settings.STATE_DIR, localPeersUrl: settings.LOCAL_PEERS_URL };
  return (worker: WorkerIdentity) => workerEnvironment(given, keptBack, { ...facts, ...worker });
}

function policyFrom(settings: SupervisorValues) {
  return {
    crashThreshold: settings.CRASH_THRESHOLD,
    crashWindowSeconds: settings.CRASH_WINDOW_SECONDS,
    restartMaxMs: settings.RESTART_MAX_SECONDS * 1000,
    healthySeconds: settings.RESTART_HEALTHY_SECONDS,
    probationMs: settings.PROBATION_SECONDS * 1000,
    haltProbeMs: settings.HALT_PROBE_SECONDS * 1000,
    stopGraceMs: settings.STOP_GRACE_SECONDS * 1000,
    onStop: settings.SUPERVISOR_ON_STOP,
  };
}

await runProcess(supervise);
