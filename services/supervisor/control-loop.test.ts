import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { eventsAfter, type LoggedEvent, logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { createFakeClock, type FakeClock } from "../../shared/fake-clock.ts";
import { silentLogger } from "../../shared/logging.ts";
import { currentGoodRevision } from "../../shared/state.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../shared/temporary-database.ts";
import { newestWorker, processOf } from "../../shared/worker-state.ts";
import { settle } from "./control-loop.ts";
import { createFakeRuntime, type FakeRuntime } from "./fake-runtime.ts";
import { createRecorder } from "./perform.ts";

const policy = {
  crashThreshold: 3,
  crashWindowSeconds: 60,
  restartMaxMs: 300_000,
  healthySeconds: 600,
  probationMs: 60_000,
  haltProbeMs: 900_000,
  stopGraceMs: 30_000,
  onStop: "stop" as const,
};

let temporary: TemporaryDatabase;
let clock: FakeClock;
let runtime: FakeRuntime;
let stop: AbortController;
beforeEach(() => {
  temporary = temporaryDatabase();
  clock = createFakeClock();
  temporary.db.function("unixepoch", (_subsec) => clock.now() / 1000); // events are dated by the same clock
  runtime = createFakeRuntime(clock);
  stop = new AbortController();
  runtime.addImage("a");
});
afterEach(() => temporary.remove());

/** A supervisor process: its identity is its `process.started`. Starting a second one is what follows a death. */
function startSupervisor(overrides: Partial<typeof policy> & { configured?: string } = {}) {
  const { db } = temporary;
  const supervisorId = logEvent(db, null, EventType.ProcessStarted, { role: "supervisor", pid: 1, version: "v" });
  const record = createRecorder(db, silentLogger, supervisorId);
  const ports = {
    db,
    clock,
    runtime,
    supervisorId,
    record,
    log: silentLogger,
    configured: overrides.configured ?? "worker:a",
    policy: { ...policy, ...overrides },
  };
  let booting = true;
  return {
    id: supervisorId,
    settle: async () => {
      const rest = await settle(ports, booting, stop.signal);
      booting = false;
      return rest;
    },
  };
}

/** What a worker writes when it has come up. */
function workerIsReady() {
  const { db } = temporary;
  const worker = newestWorker(db);
  if (!worker) throw new Error("no worker was spawned");
  const started = { role: "worker", pid: 2, version: "v", instance: worker.instance } as const;
  const processId = logEvent(db, worker.supervisorId, EventType.ProcessStarted, started);
  logEvent(db, processId, EventType.WorkerReady, { poll_ms: 1 });
}

const ask = (type: "deploy.requested" | "rollback.requested", revision: string | null) =>
  logEvent(temporary.db, null, type as "rollback.requested", { by: "op", from: "cli", revision });
const events = () => eventsAfter(temporary.db, 0, 1000);
const types = () => events().map((event) => event.eventType);
const ofType = (type: string) => events().filter((event) => event.eventType === type);
const newest = (type: string) => ofType(type).at(-1) as LoggedEvent;

/** Brings a revision up and through its probation. */
async function promoted(supervisor: ReturnType<typeof startSupervisor>) {
  await supervisor.settle();
  workerIsReady();
  clock.advance(policy.probationMs + 1000);
  await supervisor.settle();
}

async function crash(supervisor: ReturnType<typeof startSupervisor>, times: number) {
  for (let crashes = 0; crashes < times; crashes += 1) {
    runtime.end(1);
    await supervisor.settle();
    clock.advance(policy.restartMaxMs);
    await supervisor.settle();
  }
}

test("the configured image is deployed and its worker spawned under the supervisor's own event", async () => {
  const supervisor = startSupervisor();
  await supervisor.settle();
  expect(types()).toEqual(["process.started", "deploy.started", "worker.spawned"]);
  expect(newest("worker.spawned")).toMatchObject({
    parentId: supervisor.id,
    payload: { instance: "1.1", revision: "worker:a", image_id: "sha256:a", container_id: "container-1", pid: 101 },
  });
});

test("with no image there is nothing to run, and the next look after it was built runs it", async () => {
  runtime.removeImage("a");
  const supervisor = startSupervisor();
  expect(await supervisor.settle()).toEqual({
    kind: "wait",
    until: null,
    why: expect.stringContaining("build or load"),
  });
  runtime.addImage("a");
  await supervisor.settle();
  expect(runtime.asked).toEqual(["start worker:a 1.1"]);
});

test("a worker ready for the whole probation promotes its revision, once, with the evidence", async () => {
  const supervisor = startSupervisor();
  await supervisor.settle();
  workerIsReady();
  clock.advance(policy.probationMs - 5000);
  expect(await supervisor.settle()).toEqual({ kind: "wait", until: expect.any(Number) });
  expect(ofType("revision.promoted")).toEqual([]);
  clock.advance(6000);
  await supervisor.settle();
  await supervisor.settle();
  expect(ofType("revision.promoted")).toHaveLength(1);
  expect(newest("revision.promoted")).toMatchObject({
    parentId: null,
    payload: {
      revision: "worker:a",
      image_id: "sha256:a",
      evidence: { ready_seconds: expect.any(Number), instance: "1.1" },
    },
  });
});

test("a worker that never gets ready is not promoted however long it runs", async () => {
  const supervisor = startSupervisor();
  await supervisor.settle();
  clock.advance(10 * policy.probationMs);
  await supervisor.settle();
  expect(currentGoodRevision(temporary.db)).toBeNull();
});

test("an exit is recorded with its evidence and the first restart follows at once", async () => {
  const supervisor = startSupervisor();
  await supervisor.settle();
  clock.advance(2000);
  runtime.end(137);
  await supervisor.settle();
  expect(newest("worker.exited")).toMatchObject({
    parentId: supervisor.id,
    payload: {
      instance: "1.1",
      class: "crash",
      exit_code: 137,
      signal: "SIGKILL",
      uptime_seconds: 2,
      ready_seconds: null,
      log_tail: ["last words"],
    },
  });
  expect(runtime.asked).toEqual(["start worker:a 1.1", "remove", "start worker:a 1.2"]);
});

test("a second exit in a row delays the restart, and says so once", async () => {
  const supervisor = startSupervisor({ crashThreshold: 9 });
  await supervisor.settle();
  runtime.end(1);
  await supervisor.settle();
  runtime.end(1);
  const rest = await supervisor.settle();
  await supervisor.settle();
  expect(ofType("restart.scheduled").map(({ payload }) => payload)).toEqual([
    { delay_ms: expect.any(Number), attempt: 2 },
  ]);
  expect(rest).toEqual({ kind: "wait", until: expect.any(Number) });
  expect(ofType("worker.spawned")).toHaveLength(2);
  clock.advance(2000);
  await supervisor.settle();
  expect(ofType("worker.spawned")).toHaveLength(3);
});

test("a crash loop returns to the last good revision, and the outcome is recorded once the target is ready", async () => {
  const supervisor = startSupervisor();
  await promoted(supervisor);
  runtime.addImage("b");
  const request = ask("deploy.requested", "worker:b");
  await supervisor.settle();
  expect(newestWorker(temporary.db)?.revision).toBe("worker:b");
  await crash(supervisor, 3);

  expect(newest("crash_loop.detected").payload).toMatchObject({
    threshold: 3,
    window_seconds: 60,
    revision: "worker:b",
  });
  expect(newest("crash_loop.detected").payload?.exits).toHaveLength(3);
  expect(newest("revision.quarantined").payload).toMatchObject({ image_id: "sha256:b" });
  expect(newest("deploy.failed").payload).toMatchObject({ request_id: request, image_id: "sha256:b" });
  expect(newest("rollback.started").payload).toMatchObject({ target_revision: "worker:a", from_revision: "worker:b" });
  expect(newestWorker(temporary.db)?.revision).toBe("worker:a");
  expect(ofType("rollback.attempted")).toEqual([]);
  workerIsReady();
  await supervisor.settle();
  expect(newest("rollback.attempted").payload).toMatchObject({
    target_revision: "worker:a",
    success: true,
    error: null,
  });
});

test("a promoted revision that begins to crash-loop is rolled back too", async () => {
  const supervisor = startSupervisor();
  await promoted(supervisor);
  runtime.addImage("b");
  ask("deploy.requested", "worker:b");
  await promoted(supervisor);
  await crash(supervisor, 1); // after a long health: does not count as soon after ready
  await crash(supervisor, 3);
  expect(newest("rollback.started").payload).toMatchObject({ target_revision: "worker:a" });
  expect(currentGoodRevision(temporary.db)).toEqual({ revision: "worker:a", imageId: "sha256:a" });
});

test("a good revision whose image is gone is passed over", async () => {
  const supervisor = startSupervisor();
  await promoted(supervisor);
  for (const tag of ["b", "c"]) {
    runtime.addImage(tag);
    ask("deploy.requested", `worker:${tag}`);
    await promoted(supervisor);
  }
  runtime.removeImage("b");
  runtime.end(1);
  await supervisor.settle();
  await crash(supervisor, 3);
  expect(newest("rollback.started").payload).toMatchObject({ target_revision: "worker:a", from_revision: "worker:c" });
});

test("with nothing good to go back to the supervisor halts, says so once, and probes slowly", async () => {
  const supervisor = startSupervisor();
  await supervisor.settle();
  await crash(supervisor, 2);
  runtime.end(1);
  const rest = await supervisor.settle();
  expect(newest("supervisor.halted").payload).toEqual({ reason: expect.stringContaining("no good revision") });
  expect(rest).toEqual({ kind: "wait", until: newest("worker.exited").timestamp + policy.haltProbeMs });
  clock.advance(policy.haltProbeMs + 1000);
  await supervisor.settle();
  runtime.end(1);
  await supervisor.settle();
  expect(ofType("worker.spawned")).toHaveLength(4);
  expect(ofType("supervisor.halted")).toHaveLength(1);
});

test("a halted supervisor still carries out a deploy", async () => {
  const supervisor = startSupervisor();
  await supervisor.settle();
  await crash(supervisor, 3);
  runtime.addImage("b");
  ask("deploy.requested", "worker:b");
  await supervisor.settle();
  expect(newestWorker(temporary.db)).toMatchObject({ revision: "worker:b", exited: false });
});

test("whoever restarts a halted supervisor gets a probe at once", async () => {
  const supervisor = startSupervisor();
  await supervisor.settle();
  await crash(supervisor, 2);
  runtime.end(1);
  await supervisor.settle();
  const successor = startSupervisor();
  await successor.settle();
  expect(newestWorker(temporary.db)).toMatchObject({ supervisorId: successor.id, exited: false });
});

test("an unknown tag is rejected and the running worker is not touched", async () => {
  const supervisor = startSupervisor();
  await promoted(supervisor);
  const before = runtime.asked.length;
  const request = ask("deploy.requested", "worker:none");
  await supervisor.settle();
  await supervisor.settle();
  expect(ofType("deploy.rejected").map(({ payload }) => payload)).toEqual([
    { request_id: request, revision: "worker:none", reason: expect.stringContaining("no image is called worker:none") },
  ]);
  expect(runtime.asked).toHaveLength(before);
});

test("a deploy of what runs already is rejected", async () => {
  const supervisor = startSupervisor();
  await promoted(supervisor);
  ask("deploy.requested", "worker:a");
  await supervisor.settle();
  expect(newest("deploy.rejected").payload).toMatchObject({ reason: "worker:a is running already" });
});

test("a rollback by hand, with no argument, goes to the previous good revision", async () => {
  const supervisor = startSupervisor();
  await promoted(supervisor);
  runtime.addImage("b");
  ask("deploy.requested", "worker:b");
  await promoted(supervisor);
  const request = ask("rollback.requested", null);
  await promoted(supervisor);
  expect(newest("worker.exited").payload).toMatchObject({ class: "asked", revision: "worker:b" });
  expect(newest("rollback.attempted").payload).toMatchObject({
    target_revision: "worker:a",
    success: true,
    request_id: request,
  });
  expect(currentGoodRevision(temporary.db)).toEqual({ revision: "worker:a", imageId: "sha256:a" });
});

test("a rollback with nothing earlier is rejected", async () => {
  const supervisor = startSupervisor();
  await promoted(supervisor);
  ask("rollback.requested", null);
  await supervisor.settle();
  expect(newest("rollback.rejected").payload).toMatchObject({
    reason: expect.stringContaining("no earlier good revision"),
  });
});

test("a deploy that another overtakes ends as failed", async () => {
  const supervisor = startSupervisor();
  await promoted(supervisor);
  for (const tag of ["b", "c"]) runtime.addImage(tag);
  const first = ask("deploy.requested", "worker:b");
  await supervisor.settle();
  ask("deploy.requested", "worker:c");
  await supervisor.settle();
  expect(newest("deploy.failed").payload).toMatchObject({
    request_id: first,
    reason: "superseded by the deploy of worker:c",
  });
  expect(newestWorker(temporary.db)?.revision).toBe("worker:c");
});

test("a successor adopts the running worker", async () => {
  await startSupervisor().settle();
  workerIsReady();
  await startSupervisor().settle();
  expect(runtime.asked).toEqual(["start worker:a 1.1"]);
  expect(ofType("worker.exited")).toEqual([]);
});

test("a worker whose supervisor died before it could log the spawn gets its event from the successor", async () => {
  const dead = startSupervisor();
  await runtime.start({ revision: "worker:a", imageId: "sha256:a", instance: `${dead.id}.1`, supervisorId: dead.id });
  await startSupervisor().settle();
  expect(newest("worker.spawned")).toMatchObject({ parentId: dead.id, payload: { instance: `${dead.id}.1` } });
  expect(ofType("worker.spawned")).toHaveLength(1);
});

test("a container that was created and never started is removed, not started", async () => {
  runtime.failNextStart({ error: null });
  await startSupervisor().settle();
  expect(runtime.asked).toEqual(["start worker:a 1.1", "remove", "start worker:a 1.1"]);
  expect(ofType("worker.spawned")).toHaveLength(1);
});

test.each([
  ["an image that the engine cannot start", { error: "exec: no such file" }, "exec: no such file"],
  ["an image that the engine refuses", { refusal: "no such image" }, "no such image"],
])("%s counts as a failed start and is retried", async (_, how, error) => {
  runtime.failNextStart(how);
  await startSupervisor().settle();
  expect(newest("worker.exited").payload).toMatchObject({ class: "start failed", error, exit_code: null });
  expect(newestWorker(temporary.db)).toMatchObject({ instance: "1.2", exited: false });
});

test("a worker removed from outside is spawned again, without a count against it", async () => {
  const supervisor = startSupervisor();
  await supervisor.settle();
  for (let times = 0; times < 5; times += 1) {
    runtime.vanish();
    await supervisor.settle();
  }
  expect(ofType("worker.exited").map(({ payload }) => payload?.class)).toEqual(Array(5).fill("removed"));
  expect(ofType("restart.scheduled")).toEqual([]);
  expect(newestWorker(temporary.db)?.exited).toBe(false);
});

test("a configured image never met before is deployed when the supervisor starts, once", async () => {
  await promoted(startSupervisor());
  runtime.addImage("b");
  await promoted(startSupervisor({ configured: "worker:b" }));
  expect(currentGoodRevision(temporary.db)?.revision).toBe("worker:b");
  ask("rollback.requested", null);
  const third = startSupervisor({ configured: "worker:b" });
  await promoted(third);
  await startSupervisor({ configured: "worker:b" }).settle();
  expect(newestWorker(temporary.db)?.revision).toBe("worker:a");
});

test("asked to stop, the supervisor stops its worker and records it; its successor clears the container away", async () => {
  const supervisor = startSupervisor();
  await supervisor.settle();
  stop.abort();
  expect(await supervisor.settle()).toEqual({ kind: "leave" });
  expect(types().slice(-3)).toEqual(["worker.spawned", "worker.stopping", "worker.exited"]);
  expect(newest("worker.exited").payload).toMatchObject({ class: "asked" });
  expect(runtime.asked).toEqual(["start worker:a 1.1", "stop"]);
  stop = new AbortController();
  const successor = startSupervisor();
  await successor.settle();
  expect(runtime.asked.slice(2)).toEqual(["remove", `start worker:a ${successor.id}.1`]);
});

test("asked to leave its worker, the supervisor goes and the worker runs on", async () => {
  const supervisor = startSupervisor({ onStop: "leave" as "stop" });
  await supervisor.settle();
  stop.abort();
  expect(await supervisor.settle()).toEqual({ kind: "leave" });
  expect(runtime.asked).toEqual(["start worker:a 1.1"]);
});

test("a dead worker's open attempts are closed by the supervisor", async () => {
  const supervisor = startSupervisor();
  await supervisor.settle();
  workerIsReady();
  const { db } = temporary;
  const processId = processOf(db, "1.1") ?? 0;
  const task = Number(
    db
      .prepare("INSERT INTO inbox (bot_id, update_id, chat_id, status, locked_by) VALUES (1, 1, 7, 'in_progress', ?)")
      .run(processId).lastInsertRowid,
  );
  const attempt = { chat_id: 7, task_id: task, update_id: 1, process_id: processId, attempt: 1 };
  const ended = logEvent(db, null, EventType.AgentStarted, attempt);
  logEvent(db, ended, EventType.AgentCompleted, { task_id: task });
  const open = logEvent(db, null, EventType.AgentStarted, { ...attempt, attempt: 2 });
  runtime.end(1);
  await supervisor.settle();
  expect(ofType("agent.failed")).toMatchObject([
    { parentId: open, payload: { task_id: task, error_class: "worker_exited" } },
  ]);
});
