import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { currentGoodRevision } from "../../shared/state.ts";
import { newestWorker } from "../../shared/worker-state.ts";
import { createFakeSystem, type FakeSystem, policy } from "./fake-system.ts";

let system: FakeSystem;
beforeEach(() => {
  system = createFakeSystem();
});
afterEach(() => system.remove());

test("with no image there is nothing to run, and the next look after it was built runs it", async () => {
  system.runtime.removeImage("a");
  const supervisor = system.startSupervisor();
  expect(await supervisor.settle()).toEqual({
    kind: "wait",
    until: null,
    why: expect.stringContaining("build or load"),
  });
  system.runtime.addImage("a");
  await supervisor.settle();
  expect(system.runtime.asked).toEqual(["start worker:a 1.1"]);
});

test("a worker ready for the whole probation promotes its revision, once, with the evidence", async () => {
  const supervisor = system.startSupervisor();
  await supervisor.settle();
  system.workerIsReady();
  system.clock.advance(policy.probationMs - 5000);
  expect(await supervisor.settle()).toEqual({ kind: "wait", until: expect.any(Number) });
  expect(system.ofType("revision.promoted")).toEqual([]);
  system.clock.advance(6000);
  await supervisor.settle();
  await supervisor.settle();
  expect(system.ofType("revision.promoted")).toHaveLength(1);
  expect(system.newest("revision.promoted")).toMatchObject({
    parentId: null,
    payload: {
      revision: "worker:a",
      image_id: "sha256:a",
      evidence: { ready_seconds: expect.any(Number), instance: "1.1" },
    },
  });
});

test("a worker that never gets ready is not promoted however long it runs", async () => {
  const supervisor = system.startSupervisor();
  await supervisor.settle();
  system.clock.advance(10 * policy.probationMs);
  await supervisor.settle();
  expect(currentGoodRevision(system.db)).toBeNull();
});

test("an exit is recorded with its evidence and the first restart follows at once, in the same container", async () => {
  const supervisor = system.startSupervisor();
  await supervisor.settle();
  system.clock.advance(2000);
  system.runtime.end(137);
  await supervisor.settle();
  expect(system.newest("worker.exited")).toMatchObject({
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
  expect(system.runtime.asked).toEqual(["start worker:a 1.1", "start 1.1 again"]);
});

test("only a kill for want of memory that ended the worker is told of its exit, not an earlier one of its child", async () => {
  const supervisor = system.startSupervisor();
  await supervisor.settle();
  system.runtime.loseChildToMemory();
  system.clock.advance(2000);
  system.runtime.end(137);
  await supervisor.settle();
  expect(system.newest("worker.exited").payload).toMatchObject({ class: "crash", oom: false });
  system.runtime.end(137, { oom: true });
  await supervisor.settle();
  expect(system.newest("worker.exited").payload).toMatchObject({ class: "out of memory", oom: true });
});

test("a second exit in a row delays the restart, and says so once", async () => {
  const supervisor = system.startSupervisor({ crashThreshold: 9 });
  await supervisor.settle();
  system.runtime.end(1);
  await supervisor.settle();
  system.runtime.end(1);
  const rest = await supervisor.settle();
  await supervisor.settle();
  expect(system.ofType("restart.scheduled").map(({ payload }) => payload)).toEqual([
    { delay_ms: expect.any(Number), attempt: 2 },
  ]);
  expect(rest).toEqual({ kind: "wait", until: expect.any(Number) });
  expect(system.ofType("worker.spawned")).toHaveLength(2);
  system.clock.advance(2000);
  await supervisor.settle();
  expect(system.ofType("worker.spawned")).toHaveLength(3);
});

test("a stop that a dead supervisor began is finished by its successor", async () => {
  const dead = system.startSupervisor();
  await system.promote(dead);
  const stopping = { instance: "1.1", cause: "asked", reason: "a deploy" } as const;
  logEvent(system.db, dead.id, EventType.WorkerStopping, stopping);
  const successor = system.startSupervisor();
  await successor.settle();
  expect(system.newest("worker.exited").payload).toMatchObject({ instance: "1.1", class: "asked" });
  expect(newestWorker(system.db)).toMatchObject({ supervisorId: successor.id, exited: false });
});

test("a worker of another database, before a backup was restored, is taken over", async () => {
  await system.runtime.start({
    revision: "worker:a",
    imageId: "sha256:a",
    instance: "900.1",
    supervisorId: 900,
    parentId: 900,
  });
  const supervisor = system.startSupervisor();
  await supervisor.settle();
  expect(system.newest("worker.spawned")).toMatchObject({ parentId: supervisor.id, payload: { instance: "900.1" } });
});

test("a successor adopts the running worker", async () => {
  await system.startSupervisor().settle();
  system.workerIsReady();
  await system.startSupervisor().settle();
  expect(system.runtime.asked).toEqual(["start worker:a 1.1"]);
  expect(system.ofType("worker.exited")).toEqual([]);
});

test("a worker whose supervisor died before it could log the spawn gets its event from the successor", async () => {
  const dead = system.startSupervisor();
  await system.runtime.start({
    revision: "worker:a",
    imageId: "sha256:a",
    instance: `${dead.id}.1`,
    supervisorId: dead.id,
    parentId: dead.id,
  });
  await system.startSupervisor().settle();
  expect(system.newest("worker.spawned")).toMatchObject({ parentId: dead.id, payload: { instance: `${dead.id}.1` } });
  expect(system.ofType("worker.spawned")).toHaveLength(1);
});

test("a container that was created and never started is removed, not started", async () => {
  system.runtime.failNextStart({ error: null });
  await system.startSupervisor().settle();
  expect(system.runtime.asked).toEqual(["start worker:a 1.1", "remove", "start worker:a 1.1"]);
  expect(system.ofType("worker.spawned")).toHaveLength(1);
});

test.each([
  ["an image that the engine cannot start", { error: "exec: no such file" }, "exec: no such file"],
  ["an image that the engine refuses", { refusal: "no such image" }, "no such image"],
])("%s counts as a failed start and is retried", async (_, how, error) => {
  system.runtime.failNextStart(how);
  await system.startSupervisor().settle();
  expect(system.newest("worker.exited").payload).toMatchObject({ class: "start failed", error, exit_code: null });
  expect(newestWorker(system.db)).toMatchObject({ instance: "1.2", exited: false });
});

test("a worker removed from outside is spawned again, without a count against it", async () => {
  const supervisor = system.startSupervisor();
  await supervisor.settle();
  for (let times = 0; times < 5; times += 1) {
    system.runtime.vanish();
    await supervisor.settle();
  }
  expect(system.ofType("worker.exited").map(({ payload }) => payload?.class)).toEqual(Array(5).fill("removed"));
  expect(system.ofType("restart.scheduled")).toEqual([]);
  expect(newestWorker(system.db)?.exited).toBe(false);
});

test("changed settings are a planned replacement by the same revision", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  system.runtime.outdate();
  await supervisor.settle();
  expect(system.newest("worker.exited").payload).toMatchObject({ class: "asked" });
  expect(newestWorker(system.db)).toMatchObject({ revision: "worker:a", exited: false });
  expect(system.ofType("deploy.started")).toHaveLength(1);
});
