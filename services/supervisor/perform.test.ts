import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createFakeSystem, type FakeSupervisor, type FakeSystem, policy } from "./fake-system.ts";

let system: FakeSystem;
let supervisor: FakeSupervisor;
/** The graces that the engine was told to give workers it stops, in ms. */
let graces: unknown[];
beforeEach(() => {
  system = createFakeSystem();
  supervisor = system.startSupervisor();
  graces = [];
  system.interrupt = (call, when, [, graceMs]) => {
    if (call === "stop" && when === "before") graces.push(graceMs);
  };
});
afterEach(() => system.remove());

test("a worker that makes room has its whole grace to finish what is in hand", async () => {
  await system.promote(supervisor);
  system.wish("stop.requested");
  await supervisor.settle();
  expect(graces).toEqual([policy.stopGraceMs]);
});

test("a worker that is stuck has nothing to finish, and is killed after two seconds", async () => {
  await system.promote(supervisor);
  system.heartStopped = true;
  await supervisor.settle();
  system.clock.advance(policy.hangMs);
  await supervisor.settle();
  expect(system.newest("worker.exited").payload).toMatchObject({ class: "hang" });
  expect(graces).toEqual([2000]);
});

test("so is one that never got ready", async () => {
  await supervisor.settle();
  system.clock.advance(policy.readyTimeoutMs);
  await supervisor.settle();
  expect(system.newest("worker.exited").payload).toMatchObject({ class: "never ready" });
  expect(graces).toEqual([2000]);
});

test("a grace that is shorter anyway stays as it is", async () => {
  const hasty = system.startSupervisor({ stopGraceMs: 500 });
  await hasty.settle();
  system.clock.advance(policy.readyTimeoutMs);
  await hasty.settle();
  expect(graces).toEqual([500]);
});

test("why a worker is stopped is said before it is, and once", async () => {
  await system.promote(supervisor);
  system.wish("stop.requested");
  system.interrupt = (call, when) => {
    if (call === "stop" && when === "before") throw new Error("killed");
  };
  await expect(supervisor.settle()).rejects.toThrow("killed");
  system.interrupt = () => {};
  const successor = system.startSupervisor();
  await successor.settle();
  expect(system.ofType("worker.stopping").map(({ payload }) => payload)).toEqual([
    { instance: "1.1", cause: "asked", reason: "an operator asked for it" },
  ]);
});

test("a run that somebody began in place was not ready because the one before it had been", async () => {
  await system.promote(supervisor);
  system.runtime.end(0);
  system.clock.advance(1000);
  system.runtime.resume();
  system.clock.advance(2000);
  system.runtime.end(1);
  await supervisor.settle();
  expect(system.newest("worker.exited").payload).toMatchObject({ uptime_seconds: 2, ready_seconds: null });
});

test("a run that was ready says for how long, from the very moment", async () => {
  await supervisor.settle();
  system.workerIsReady();
  system.clock.advance(2000);
  system.runtime.end(1);
  await supervisor.settle();
  expect(system.ofType("worker.exited")[0]?.payload).toMatchObject({ uptime_seconds: 2, ready_seconds: 2 });
});

test("an end before the supervisor began to watch is the host's, one at that moment or later is the worker's", async () => {
  await system.promote(supervisor);
  system.runtime.end(137);
  const atOnce = system.startSupervisor();
  await atOnce.settle();
  expect(system.newest("worker.exited").payload).toMatchObject({ class: "crash" });
  system.runtime.end(137);
  system.clock.advance(1);
  await system.startSupervisor().settle();
  expect(system.newest("worker.exited").payload).toMatchObject({ class: "host went away" });
});

test("an image that the engine refuses to check is rejected in its words", async () => {
  await system.promote(supervisor);
  system.runtime.addImage("b");
  system.runtime.startCheck = async () => "exec: no such file";
  const request = system.deploy("b");
  await supervisor.settle();
  expect(system.newest("deploy.rejected").payload).toEqual({
    request_id: request,
    revision: "worker:b",
    reason: "exec: no such file",
  });
});

test("each worker begins without what the one before left in the place of its heartbeat", async () => {
  const calls: string[] = [];
  system.interrupt = (call, when) => {
    if (when === "before" && ["start", "startAgain", "clearHeartbeat", "stop"].includes(call)) calls.push(call);
  };
  await system.promote(supervisor);
  await system.crash(supervisor, 1);
  expect(calls).toEqual(["clearHeartbeat", "start", "clearHeartbeat", "startAgain"]);
});

test("a page that a bad revision left broken is not held against the good one: the file is replaced first", async () => {
  await system.promoteAll(supervisor, ["a", "b"]);
  system.runtime.addImage("c");
  system.deploy("c");
  await supervisor.settle();
  system.workerIsReady();
  system.shared.breakPage();
  system.rollBack("worker:b");
  await supervisor.settle();
  expect(system.shared.asked).toEqual(["check", "replace"]);
  expect(system.newest("state.replaced").payload).toMatchObject({ image_id: "sha256:c", reason: "a page is broken" });
  system.workerIsReady();
  await supervisor.settle();
  expect(system.newest("worker.spawned").payload).toMatchObject({ revision: "worker:b" });
});

test("a worker that leaves for a lock which goes with it has held that itself: a hang", async () => {
  await system.promote(supervisor);
  system.shared.lockForAMoment();
  system.runtime.end(75);
  await supervisor.settle();
  expect(system.newest("worker.exited").payload).toMatchObject({ class: "hang" });
});

test("one that leaves for a lock which somebody else goes on holding is nobody's failure", async () => {
  await system.promote(supervisor);
  system.shared.show({ trouble: { kind: "locked", reason: "somebody holds the lock" } });
  system.runtime.end(75);
  await supervisor.settle();
  expect(system.newest("worker.exited").payload).toMatchObject({ class: "upstream" });
});

test("one that leaves for its upstream, with the file free, is nobody's failure", async () => {
  await system.promote(supervisor);
  system.runtime.end(75);
  await supervisor.settle();
  expect(system.newest("worker.exited").payload).toMatchObject({ class: "upstream" });
});
