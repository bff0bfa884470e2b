import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { join, resolve } from "node:path";
import { createRecorder } from "../../services/supervisor/performer.ts";
import { recordExit, recordSpawn } from "../../services/supervisor/record.ts";
import { endAttempts } from "../../services/supervisor/scribe/append-rows.ts";
import { identityVariables } from "../../services/supervisor/worker-environment.ts";
import { type Database, inTransaction } from "../../shared/database.ts";
import { logEvent, newestEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { nextEvent } from "../../shared/follow.ts";
import { silentLogger } from "../../shared/logging.ts";
import type { Victim } from "./assassin.ts";

const PROGRAM = resolve(import.meta.dirname, "../../services/worker/main.ts");
const REVISION = { revision: "matrix", imageId: "sources:matrix" };

export interface Life extends Victim {
  /** Its `worker.ready`, or its end before that. */
  readonly ready: Promise<void>;
  /** How it ended: `killed` by us, or by itself. Its `worker.exited` is in the log by then. */
  readonly end: Promise<{ readonly killed: boolean; readonly code: number | null }>;
  stop(): void;
}

/**
 * Starts workers and records their spawns and exits with the supervisor's own code. Unlike the process runtime it knows
 * who killed a worker, as the engine's runtime does; and it starts the next one without a delay.
 */
export function createSupervisorStandIn(
  db: Database,
  directory: string,
  environment: Readonly<Record<string, string>>,
) {
  const started = { role: "supervisor", pid: process.pid, version: "matrix" } as const;
  const supervisorId = logEvent(db, null, EventType.ProcessStarted, started);
  const recorder = { db, supervisorId, record: createRecorder(db, silentLogger, supervisorId) };
  const output = openSync(join(directory, "worker.log"), "a");
  let workers = 0;

  return {
    start(): Life {
      workers += 1;
      const instance = `${supervisorId}.${workers}`;
      const startedAt = Date.now();
      const env = { ...environment, STATE_DIR: directory, ...identityVariables({ instance, parentId: supervisorId }) };
      const child = fork(PROGRAM, [], { env, stdio: ["ignore", output, output, "ipc"] });
      const order = { ...REVISION, instance, supervisorId, pid: child.pid ?? null, id: `process-${instance}` };
      recordSpawn(recorder, order);
      return live(child, instance, startedAt);
    },
  };

  function live(child: ChildProcess, instance: string, startedAt: number): Life {
    const since = newestEvent(db, EventType.WorkerSpawned)?.id ?? 0;
    const ended = new AbortController();
    let killed = false;
    const end = once(child, "exit").then(([code]: (number | null)[]) => {
      ended.abort();
      const facts = {
        removed: false,
        signalled: killed,
        unwatched: false,
        oom: false,
        freedTheLock: false,
        stopping: null,
        error: null,
      };
      const times = { startedAt, readyAt: null, finishedAt: Date.now() };
      const exit = { instance, exitCode: code ?? 137, logTail: [], ...facts, ...times, ...REVISION };
      inTransaction(db, () => {
        recordExit(recorder, exit);
        endAttempts(db, { payload: JSON.stringify(newestEvent(db, EventType.WorkerExited)?.payload) });
      });
      return { killed, code: code ?? null };
    });
    const isReady = ({ eventType }: { eventType: string }) => eventType === EventType.WorkerReady;
    return {
      ready: nextEvent(db, since, isReady, ended.signal).then(() => {}),
      end,
      freeze: () => void child.kill("SIGSTOP"),
      kill() {
        killed = true;
        child.kill("SIGKILL");
      },
      stop: () => void child.kill("SIGTERM"),
    };
  }
}
