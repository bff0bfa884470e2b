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

test("a revision that dies before it was ready is given up at once, and the last good one runs", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  system.runtime.addImage("b");
  const request = system.deploy("b");
  await supervisor.settle();
  expect(newestWorker(system.db)?.revision).toBe("worker:b");
  system.runtime.end(1);
  await supervisor.settle();

  expect(system.newest("revision.quarantined").payload).toMatchObject({
    image_id: "sha256:b",
    reason: "crash before it was ready",
  });
  expect(system.newest("deploy.failed").payload).toMatchObject({ request_id: request, image_id: "sha256:b" });
  expect(system.newest("rollback.started").payload).toMatchObject({
    target_revision: "worker:a",
    from_revision: "worker:b",
  });
  expect(newestWorker(system.db)).toMatchObject({ revision: "worker:a", exited: false });
  expect(system.ofType("rollback.attempted")).toEqual([]);
  system.workerIsReady();
  await supervisor.settle();
  expect(system.newest("rollback.attempted").payload).toMatchObject({
    target_revision: "worker:a",
    success: true,
    error: null,
  });
});

test("in its probation a revision may die once after it was ready, not twice", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  system.runtime.addImage("b");
  system.deploy("b");
  await supervisor.settle();
  for (const running of ["worker:b", "worker:a"]) {
    system.workerIsReady();
    system.clock.advance(5000);
    system.runtime.end(1);
    await supervisor.settle();
    expect(newestWorker(system.db)).toMatchObject({ revision: running, exited: false });
  }
  expect(system.newest("rollback.started").payload).toMatchObject({ reason: "a second exit in its probation: crash" });
});

test("a wrong configuration in probation is given up at once, also after it was ready", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  system.runtime.addImage("b");
  system.deploy("b");
  await supervisor.settle();
  system.workerIsReady();
  system.runtime.end(78);
  await supervisor.settle();
  expect(newestWorker(system.db)?.revision).toBe("worker:a");
});

test("a revision that does not get ready in time is stopped and given up", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  system.runtime.addImage("b");
  system.deploy("b");
  await supervisor.settle();
  system.clock.advance(policy.readyTimeoutMs + 1);
  await supervisor.settle();
  expect(system.newest("worker.exited").payload).toMatchObject({ class: "never ready", revision: "worker:b" });
  expect(newestWorker(system.db)).toMatchObject({ revision: "worker:a", exited: false });
});

test("an outage upstream freezes the deadline for getting ready, but not for ever", async () => {
  const supervisor = system.startSupervisor();
  await supervisor.settle();
  const { db } = system;
  const started = { role: "worker", pid: 2, version: "v", instance: "1.1" } as const;
  const processId = logEvent(db, supervisor.id, EventType.ProcessStarted, started);
  logEvent(db, processId, EventType.UpstreamUnavailable, { upstream: "telegram", reason: "ECONNREFUSED" });
  system.clock.advance(10 * 60_000);
  await supervisor.settle();
  expect(system.ofType("worker.stopping")).toEqual([]);
  system.clock.advance(10 * 60_000);
  await supervisor.settle();
  expect(system.newest("worker.exited").payload).toMatchObject({ class: "never ready" });
});

test("a worker whose heartbeat stands still is a hang: killed, counted, started again", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  system.heartStopped = true;
  await supervisor.settle();
  system.clock.advance(policy.hangMs - 1000);
  await supervisor.settle();
  expect(system.ofType("worker.stopping")).toEqual([]);
  system.clock.advance(2000);
  await supervisor.settle();
  expect(system.newest("worker.exited").payload).toMatchObject({ class: "hang" });
  expect(newestWorker(system.db)).toMatchObject({ revision: "worker:a", exited: false });
});

test("a second hang within an hour gives up even a promoted revision", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  system.runtime.addImage("b");
  system.deploy("b");
  await system.promote(supervisor);
  for (let hangs = 0; hangs < 2; hangs += 1) {
    system.workerIsReady();
    system.heartStopped = true;
    await supervisor.settle();
    system.clock.advance(policy.hangMs + 1000);
    await supervisor.settle();
    system.heartStopped = false;
  }
  system.clock.advance(1000); // the restart's delay
  await supervisor.settle();
  expect(system.ofType("rollback.started")).toEqual([]); // the next worker may say that one message was to blame
  system.workerIsReady();
  await supervisor.settle();
  system.clock.advance(5000);
  await supervisor.settle();
  expect(system.newest("rollback.started").payload).toMatchObject({
    target_revision: "worker:a",
    reason: "it hung twice within an hour",
  });
});

test("hangs over one message that was set aside are not the promoted revision's", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  system.runtime.addImage("b");
  system.deploy("b");
  await system.promote(supervisor);
  for (let hangs = 0; hangs < 2; hangs += 1) {
    system.workerIsReady();
    system.heartStopped = true;
    await supervisor.settle();
    system.clock.advance(policy.hangMs + 1000);
    await supervisor.settle();
    system.heartStopped = false;
  }
  system.clock.advance(1000);
  await supervisor.settle();
  system.workerIsReady();
  const exits = system.ofType("worker.exited").slice(-2);
  logEvent(system.db, null, EventType.MessageSetAside, { task_id: 1, exits: exits.map(({ id }) => id) });
  await supervisor.settle();
  system.clock.advance(60_000);
  await supervisor.settle();
  expect(system.ofType("rollback.started")).toEqual([]);
  expect(newestWorker(system.db)).toMatchObject({ revision: "worker:b", exited: false });
});

test("while the container is paused no deadline runs, and afterwards the heartbeat has its whole time again", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  system.heartStopped = true;
  system.runtime.pause();
  await supervisor.settle();
  system.clock.advance(10 * policy.hangMs);
  await supervisor.settle();
  system.runtime.resume();
  await supervisor.settle();
  system.clock.advance(policy.hangMs - 1000);
  await supervisor.settle();
  expect(system.ofType("worker.stopping")).toEqual([]);
});

test("a promoted revision that begins to crash-loop is rolled back too", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  system.runtime.addImage("b");
  system.deploy("b");
  await system.promote(supervisor);
  await system.crash(supervisor, 1); // after a long health: does not count as soon after ready
  await system.crash(supervisor, 3);
  expect(system.newest("crash_loop.detected").payload).toMatchObject({
    threshold: 3,
    window_seconds: 60,
    revision: "worker:b",
  });
  expect(system.newest("crash_loop.detected").payload?.exits).toHaveLength(3);
  expect(system.newest("rollback.started").payload).toMatchObject({ target_revision: "worker:a" });
  expect(currentGoodRevision(system.db)).toEqual({ revision: "worker:a", imageId: "sha256:a" });
});

test("an exit that somebody else caused, or that nobody watched, counts against nobody", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  system.runtime.addImage("b");
  system.deploy("b");
  await supervisor.settle();
  for (let kills = 0; kills < 4; kills += 1) {
    system.runtime.end(137, { signalled: true });
    await supervisor.settle();
  }
  expect(system.newest("worker.exited").payload).toMatchObject({ class: "stopped from outside" });
  system.runtime.end(1);
  system.clock.advance(1000);
  await system.startSupervisor().settle();
  expect(system.newest("worker.exited").payload).toMatchObject({ class: "host went away" });
  expect(newestWorker(system.db)).toMatchObject({ revision: "worker:b", exited: false });
});

test("a probation that is passed makes good the hangs before it", async () => {
  const supervisor = system.startSupervisor();
  await supervisor.settle();
  for (let hangs = 0; hangs < 2; hangs += 1) {
    system.workerIsReady();
    system.heartStopped = true;
    system.clock.advance(1000);
    await supervisor.settle();
    system.clock.advance(policy.hangMs + 1000);
    await supervisor.settle();
    system.heartStopped = false;
    system.clock.advance(2000);
    await supervisor.settle();
  }
  await system.promote(supervisor);
  system.clock.advance(policy.probationMs);
  await supervisor.settle();
  expect(system.ofType("worker.exited").map(({ payload }) => payload?.class)).toEqual(["hang", "hang"]);
  expect(system.ofType("revision.quarantined")).toEqual([]);
  expect(currentGoodRevision(system.db)?.imageId).toBe("sha256:a");
  expect(newestWorker(system.db)).toMatchObject({ exited: false });
});
