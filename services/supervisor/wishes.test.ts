import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { currentGoodRevision } from "../../shared/state.ts";
import { newestWorker } from "../../shared/worker-state.ts";
import { createFakeSystem, type FakeSystem } from "./fake-system.ts";

let system: FakeSystem;
beforeEach(() => {
  system = createFakeSystem();
});
afterEach(() => system.remove());

test("what an operator stopped stays stopped, also for the next supervisor, until it is started", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  system.wish("stop.requested");
  await supervisor.settle();
  expect(system.newest("worker.exited").payload).toMatchObject({ class: "asked" });
  const successor = system.startSupervisor();
  await successor.settle();
  expect(newestWorker(system.db)?.exited).toBe(true);
  system.wish("start.requested");
  await successor.settle();
  expect(newestWorker(system.db)).toMatchObject({ revision: "worker:a", exited: false });
});

test("on hold nothing is done by itself, and afterwards it goes on", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  system.wish("hold.requested");
  system.runtime.end(1);
  await supervisor.settle();
  expect(newestWorker(system.db)?.exited).toBe(true);
  system.wish("unhold.requested");
  await supervisor.settle();
  expect(newestWorker(system.db)?.exited).toBe(false);
});

test("the newest good images are held against being pruned, and let go only after a promotion", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  await system.promoteAll(supervisor, ["b", "c", "d"]);
  expect((await system.runtime.look()).held).toEqual(new Set(["sha256:b", "sha256:c", "sha256:d"]));
  system.runtime.addImage("e");
  system.deploy("e");
  await supervisor.settle();
  expect((await system.runtime.look()).held).toEqual(new Set(["sha256:b", "sha256:c", "sha256:d", "sha256:e"]));
});

test("a rollback by hand, with no argument, goes to the previous good revision", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  system.runtime.addImage("b");
  system.deploy("b");
  await system.promote(supervisor);
  const request = system.rollBack(null);
  await system.promote(supervisor);
  expect(system.newest("worker.exited").payload).toMatchObject({ class: "asked", revision: "worker:b" });
  expect(system.newest("rollback.attempted").payload).toMatchObject({
    target_revision: "worker:a",
    success: true,
    request_id: request,
  });
  expect(currentGoodRevision(system.db)).toEqual({ revision: "worker:a", imageId: "sha256:a" });
});

test("a rollback to an image that is held goes to that very one, though its tag means another by now", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  await system.promoteAll(supervisor, ["b", "c"]);
  system.runtime.addImage("a", "sha256:another");
  const request = system.rollBackTo({ revision: "worker:a", imageId: "sha256:a" });
  await system.promote(supervisor);
  expect(system.newest("rollback.attempted").payload).toMatchObject({ success: true, request_id: request });
  expect(currentGoodRevision(system.db)).toEqual({ revision: "worker:a", imageId: "sha256:a" });
});

test("a rollback to an image that is not good any more is rejected, and what runs is left alone", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  await system.promoteAll(supervisor, ["b", "c", "d"]);
  const asked = system.runtime.asked.length;
  system.rollBackTo({ revision: "worker:a", imageId: "sha256:a" });
  await supervisor.settle();
  expect(system.newest("rollback.rejected").payload).toMatchObject({
    reason: "that image of worker:a is not held, or not good, any more",
  });
  expect(system.runtime.asked.slice(asked)).toEqual([]);
});

test("a rollback with nothing earlier is rejected", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  system.rollBack(null);
  await supervisor.settle();
  expect(system.newest("rollback.rejected").payload).toMatchObject({
    reason: expect.stringContaining("no earlier good revision"),
  });
});

test("asked to stop, the supervisor stops its worker and records it; its successor clears the container away", async () => {
  const supervisor = system.startSupervisor();
  await supervisor.settle();
  system.stop.abort();
  expect(await supervisor.settle()).toEqual({ kind: "leave" });
  expect(system.types().slice(-3)).toEqual(["worker.spawned", "worker.stopping", "worker.exited"]);
  expect(system.newest("worker.exited").payload).toMatchObject({ class: "asked" });
  expect(system.runtime.asked).toEqual(["start worker:a 1.1", "stop"]);
  system.stop = new AbortController();
  const successor = system.startSupervisor();
  await successor.settle();
  expect(system.runtime.asked.slice(2)).toEqual(["remove", `start worker:a ${successor.id}.1`]);
});

test("asked to leave its worker, the supervisor goes and the worker runs on", async () => {
  const supervisor = system.startSupervisor({ onStop: "leave" });
  await supervisor.settle();
  system.stop.abort();
  expect(await supervisor.settle()).toEqual({ kind: "leave" });
  expect(system.runtime.asked).toEqual(["start worker:a 1.1"]);
});
