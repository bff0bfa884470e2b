import type { Database } from "../../shared/database.ts";
import { eventsAfter, type LoggedEvent, logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { createFakeClock } from "../../shared/fake-clock.ts";
import { silentLogger } from "../../shared/logging.ts";
import type { Revision } from "../../shared/state.ts";
import { temporaryDatabase } from "../../shared/temporary-database.ts";
import { newestWorker } from "../../shared/worker-state.ts";
import { createBell } from "./bell.ts";
import { settleThroughOutages } from "./control-loop.ts";
import { createFakeRuntime, type FakeRuntime } from "./fake-runtime.ts";
import { createFakeSharedLog } from "./fake-shared-log.ts";
import { createHeartbeatWatch } from "./heartbeat-watch.ts";
import { createRecorder, type Recorder } from "./performer.ts";

export const policy = {
  crashThreshold: 3,
  crashWindowSeconds: 60,
  restartMaxMs: 300_000,
  healthySeconds: 600,
  probationMs: 60_000,
  readyTimeoutMs: 60_000,
  hangMs: 60_000,
  haltProbeMs: 900_000,
  stopGraceMs: 30_000,
  onStop: "stop" as "stop" | "leave",
};

/** Longer than the delays of the first restarts, shorter than every deadline. */
const A_WHILE_MS = 10_000;

export interface FakeSupervisor {
  readonly id: number;
  settle(): ReturnType<typeof settleThroughOutages>;
}

export type FakeSystem = ReturnType<typeof createFakeSystem>;

/** Stands around each call that a supervisor makes of its engine or its log; what it throws cuts the supervisor short. */
export type Interrupt = (call: string, when: "before" | "after", args: readonly unknown[]) => void;

/** The supervisor over a real database, with an engine and a clock in memory; the image worker:a is there. */
export function createFakeSystem(temporary: { db: Database; remove(): void } = temporaryDatabase()) {
  const clock = createFakeClock();
  const runtime = createFakeRuntime(clock);
  const db: Database = temporary.db;
  db.function("unixepoch", (_subsec) => clock.now() / 1000); // events are dated by the same clock
  runtime.addImage("a");
  const shared = createFakeSharedLog();
  const system = {
    db,
    shared,
    clock,
    runtime,
    /** Aborted, it asks every supervisor to leave. */
    stop: new AbortController(),
    heartStopped: false,
    freeBytes: 10 ** 9,
    interrupt: ((_call, _when, _args) => {}) as Interrupt,
    remove: temporary.remove,

    /** A supervisor process: its identity is its `process.started`. Starting a second one is what follows a death. */
    startSupervisor(overrides: Partial<typeof policy> & { configured?: string } = {}): FakeSupervisor {
      const supervisorId = logEvent(db, null, EventType.ProcessStarted, { role: "supervisor", pid: 1, version: "v" });
      const interrupt: Interrupt = (...call) => system.interrupt(...call);
      const mtime = () => (system.heartStopped ? 0 : clock.now());
      const ports = {
        db,
        clock,
        runtime: interruptibleRuntime(runtime, interrupt),
        supervisorId,
        record: interruptibleRecorder(createRecorder(db, silentLogger, supervisorId), interrupt),
        log: silentLogger,
        shared,
        requests: { take: () => {} },
        bell: createBell(clock),
        soundings: createHeartbeatWatch({ mtime: () => shared.seen().soundings, monotonicMs: clock.monotonicMs }),
        startedAt: clock.now(),
        heartbeat: createHeartbeatWatch({ mtime, monotonicMs: clock.monotonicMs }),
        freeBytes: () => system.freeBytes,
        clearHeartbeat: () => interrupt("clearHeartbeat", "before", []),
        configured: overrides.configured ?? "worker:a",
        policy: { ...policy, ...overrides },
      };
      let booting = true;
      return {
        id: supervisorId,
        async settle() {
          const rest = await settleThroughOutages(ports, { booting, patienceMs: 60_000 }, system.stop.signal);
          booting = false;
          return rest;
        },
      };
    },

    /** What a worker writes when it has come up. */
    workerIsReady() {
      const worker = newestWorker(db);
      if (!worker) throw new Error("no worker was spawned");
      const started = { role: "worker", pid: 2, version: "v", instance: worker.instance } as const;
      const processId = logEvent(db, worker.supervisorId, EventType.ProcessStarted, started);
      logEvent(db, processId, EventType.WorkerReady, { poll_ms: 1 });
    },

    deploy: (revision: string) =>
      logEvent(db, null, EventType.DeployRequested, { by: "op", from: "cli", revision: `worker:${revision}` }),
    rollBack: (revision: string | null) =>
      logEvent(db, null, EventType.RollbackRequested, { by: "op", from: "cli", revision }),
    rollBackTo: ({ revision, imageId }: Revision) =>
      logEvent(db, null, EventType.RollbackRequested, { by: "op", from: "console", revision, image_id: imageId }),
    wish: (type: "stop.requested" | "start.requested" | "hold.requested" | "unhold.requested") =>
      logEvent(db, null, type, { by: "op", from: "cli" }),

    /** Brings what is wanted up and through its probation. */
    async promote(supervisor: FakeSupervisor) {
      await supervisor.settle();
      system.workerIsReady();
      clock.advance(policy.probationMs + 1000);
      await supervisor.settle();
    },

    /** Deploys and promotes each tag in turn; the last one runs. */
    async promoteAll(supervisor: FakeSupervisor, tags: readonly string[]) {
      for (const tag of tags) {
        runtime.addImage(tag);
        system.deploy(tag);
        await system.promote(supervisor);
      }
    },

    /** The worker dies before it is ready, and whatever follows has time to. */
    async crash(supervisor: FakeSupervisor, times: number) {
      for (let crashes = 0; crashes < times; crashes += 1) {
        runtime.end(1);
        await supervisor.settle();
        clock.advance(A_WHILE_MS);
        await supervisor.settle();
      }
    },

    ofType: (type: string) => eventsAfter(db, 0, 10_000).filter((event) => event.eventType === type),
    newest: (type: string) => system.ofType(type).at(-1) as LoggedEvent,
    types: () => eventsAfter(db, 0, 10_000).map((event) => event.eventType),
  };
  return system;
}

/** What these do is in this process's memory, and gone with it. */
const NOT_OF_THE_ENGINE: ReadonlySet<string> = new Set(["isUnavailable", "pull", "pullOf", "abortPull", "watch"]);

function interruptibleRuntime(runtime: FakeRuntime, interrupt: Interrupt): FakeRuntime {
  return new Proxy(runtime, {
    get(target, name, receiver) {
      const method = Reflect.get(target, name, receiver);
      if (typeof method !== "function") return method;
      if (NOT_OF_THE_ENGINE.has(String(name))) return method.bind(target);
      return async (...args: unknown[]) => {
        interrupt(String(name), "before", args);
        const result = await method.apply(target, args);
        interrupt(String(name), "after", args);
        return result;
      };
    },
  });
}

function interruptibleRecorder(record: Recorder, interrupt: Interrupt): Recorder {
  return (type, payload, parentId) => {
    interrupt("record", "before", [type]);
    const eventId = record(type, payload, parentId);
    interrupt("record", "after", [type]);
    return eventId;
  };
}
