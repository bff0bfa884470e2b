import { EventType } from "../../shared/event-types.ts";
import type { ExitClass } from "../../shared/payloads/supervisor-payloads.ts";
import { type Planned, plan, SECOND } from "./planned.ts";

export interface Named {
  readonly revision: string;
  readonly image_id: string;
}

/** A worker that was ready from one moment to another. */
export interface WorkerLife {
  readonly process: Planned;
  readonly readyAt: number;
  readonly exit: Planned;
  /** Or it was asked to go. */
  readonly crashed: boolean;
}

/** The year as far as it is planned: `at` moves on. */
export interface Timeline {
  at: number;
  supervisor: Planned;
  workers: number;
  readonly events: Planned[];
  readonly lives: WorkerLife[];
}

export interface Ending {
  readonly class: ExitClass;
  readonly exitCode: number;
  readonly logTail?: readonly string[];
}

export const ASKED: Ending = { class: "asked", exitCode: 0 };

export function supervisorStarts(line: Pick<Timeline, "at" | "events">, version: string): Planned {
  const started = plan(line.at, EventType.ProcessStarted, null, { role: "supervisor", pid: 7, version });
  line.events.push(started);
  return started;
}

/** Starts a worker, lets it live until a moment, and ends it; `line.at` is then its end. `until` before ready: never ready. */
export function live(line: Timeline, worker: Named, until: number, ending: Ending): Planned {
  const { supervisor, events } = line;
  line.workers += 1;
  const instance = `${line.workers}.worker`;
  const spawnedAt = line.at;
  const container = `c${String(line.workers).padStart(11, "0")}`;
  events.push(
    plan(spawnedAt, EventType.WorkerSpawned, supervisor, { ...worker, pid: 4711, instance, container_id: container }),
  );
  const process = plan(spawnedAt + 600, EventType.ProcessStarted, supervisor, {
    role: "worker",
    pid: 1,
    version: worker.image_id.slice(7, 19),
    instance,
    bot_id: 1,
  });
  const readyAt = spawnedAt + 900;
  const isReady = until > readyAt;
  if (isReady) events.push(process, plan(readyAt, EventType.WorkerReady, process, { poll_ms: 84 }));
  line.at = Math.max(until, spawnedAt + 400);
  if (ending.class === "asked") {
    const stopping = { instance, cause: "asked", reason: "something else is to run, or nothing" } as const;
    events.push(plan(line.at - 300, EventType.WorkerStopping, supervisor, stopping));
  }
  const exitAt = line.at;
  const exit = plan(exitAt, EventType.WorkerExited, supervisor, () => ({
    ...worker,
    instance,
    process_id: isReady ? process.id : null,
    class: ending.class,
    exit_code: ending.exitCode,
    signal: ending.exitCode > 128 ? "SIGKILL" : null,
    oom: ending.class === "out of memory",
    uptime_seconds: (exitAt - spawnedAt) / SECOND,
    ready_seconds: isReady ? (exitAt - readyAt) / SECOND : null,
    error: null,
    log_tail: ending.logTail ?? [],
  }));
  events.push(exit);
  if (isReady) line.lives.push({ process, readyAt, exit, crashed: ending.class !== "asked" });
  return exit;
}

export function restartAfter(line: Timeline, delayMs: number, attempt: number): void {
  line.events.push(plan(line.at + 5, EventType.RestartScheduled, line.supervisor, { delay_ms: delayMs, attempt }));
  line.at += delayMs + 10;
}
