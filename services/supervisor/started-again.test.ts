import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { newestWorker } from "../../shared/worker-state.ts";
import { createFakeSystem, type FakeSystem } from "./fake-system.ts";

/** A worker that is started once more in its container: each run is a worker of its own in the log. */

let system: FakeSystem;
beforeEach(() => {
  system = createFakeSystem();
});
afterEach(() => system.remove());

const containersOf = (type: string) => system.ofType(type).map(({ payload }) => payload?.container_id);
const instancesOf = (type: string) => system.ofType(type).map(({ payload }) => payload?.instance);

test("each run has an instance of its own, and its own spawn, readiness and exit", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  system.runtime.end(1);
  await supervisor.settle();
  const further = `1.1/${system.newest("worker.exited").id}`;
  expect(newestWorker(system.db)).toMatchObject({ instance: further, exited: false, readyAt: null });
  system.workerIsReady();
  expect(newestWorker(system.db)?.readyAt).not.toBeNull();
  system.runtime.end(1);
  await supervisor.settle();
  expect(containersOf("worker.spawned").slice(0, 2)).toEqual(["container-1", "container-1"]);
  expect(instancesOf("worker.exited")).toEqual(["1.1", further]);
});

test("a second failure in a row is waited for without its container", async () => {
  const supervisor = system.startSupervisor({ crashThreshold: 9 });
  await supervisor.settle();
  system.runtime.end(1);
  await supervisor.settle();
  system.runtime.end(1);
  await supervisor.settle();
  expect(system.runtime.container()).toBeNull();
  system.clock.advance(2000);
  await supervisor.settle();
  expect(system.runtime.asked.at(-1)).toBe("start worker:a 1.3");
});

test.each([
  ["it was stopped from outside", () => system.runtime.end(137, { signalled: true })],
  ["it found its configuration wrong", () => system.runtime.end(78)],
  [
    "its settings changed",
    () => {
      system.runtime.end(1);
      system.runtime.outdate();
    },
  ],
])("the container is not started again when %s", async (_, happens) => {
  const supervisor = system.startSupervisor();
  await supervisor.settle();
  happens();
  await supervisor.settle();
  expect(system.runtime.asked.slice(0, 2)).toEqual(["start worker:a 1.1", "remove"]);
});

test("a container that names a dead supervisor is not started again", async () => {
  await system.startSupervisor().settle();
  const successor = system.startSupervisor();
  await successor.settle();
  system.clock.advance(1);
  system.runtime.end(1);
  await successor.settle();
  expect(system.runtime.asked).toEqual(["start worker:a 1.1", "remove", `start worker:a ${successor.id}.1`]);
});

test("a container that cannot be started again is replaced, and that counts against nobody", async () => {
  const supervisor = system.startSupervisor();
  await supervisor.settle();
  system.runtime.end(1);
  system.runtime.failNextStart({ refusal: "network not found" });
  await supervisor.settle();
  expect(system.runtime.asked).toEqual(["start worker:a 1.1", "start 1.1 again", "start worker:a 1.2"]);
  expect(system.ofType("worker.exited")).toHaveLength(1);
});

test("a worker that was started again in place, by whomever, is taken over", async () => {
  const supervisor = system.startSupervisor();
  await supervisor.settle();
  system.stop.abort();
  await supervisor.settle();
  system.runtime.resume();
  system.stop = new AbortController();
  await system.startSupervisor().settle();
  expect(system.runtime.asked).toEqual(["start worker:a 1.1", "stop"]);
  expect(newestWorker(system.db)).toMatchObject({ instance: expect.stringMatching(/^1\.1\//), exited: false });
});

test("a run that nobody saw is in the log all the same", async () => {
  const supervisor = system.startSupervisor();
  await supervisor.settle();
  system.stop.abort();
  await supervisor.settle();
  system.runtime.resume();
  system.runtime.end(1);
  system.stop = new AbortController();
  await system.startSupervisor().settle();
  const [first, unseen] = instancesOf("worker.exited");
  expect([first, unseen]).toEqual(instancesOf("worker.spawned").slice(0, 2));
  expect(unseen).not.toBe(first);
});
