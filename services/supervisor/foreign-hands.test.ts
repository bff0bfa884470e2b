import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createFakeSystem, type FakeSystem } from "./fake-system.ts";

let system: FakeSystem;
beforeEach(() => {
  system = createFakeSystem();
});
afterEach(() => system.remove());

test("while a foreign container has the worker's name the supervisor waits and says why; then it goes on", async () => {
  const supervisor = system.startSupervisor();
  system.runtime.takeName(true);
  expect(await supervisor.settle()).toMatchObject({ kind: "wait", why: expect.stringContaining("lastgood-worker-1") });
  expect(system.runtime.asked).toEqual([]);
  system.runtime.takeName(false);
  await system.promote(supervisor);
  expect(system.runtime.asked).toEqual([expect.stringContaining("start worker:a")]);
  expect(system.ofType("worker.exited")).toEqual([]);
});

test("a deploy is checked and accepted while the name is taken", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  system.runtime.vanish();
  system.runtime.takeName(true);
  system.runtime.addImage("b");
  const request = system.deploy("b");
  await supervisor.settle();
  expect(system.newest("deploy.started").payload).toMatchObject({ request_id: request });
});

test("a copy of the worker is removed, and the worker itself is not touched", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  const { id } = system.runtime.container() ?? {};
  system.runtime.copy();
  await supervisor.settle();
  expect(system.runtime.asked.at(-1)).toBe("remove the copy");
  expect(system.runtime.container()).toMatchObject({ id, state: { kind: "running" } });
});
