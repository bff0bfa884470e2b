import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createFakeSystem, type FakeSystem } from "./fake-system.ts";

let system: FakeSystem;
beforeEach(() => {
  system = createFakeSystem();
});
afterEach(() => system.remove());

test("an engine that comes back is two facts, and the worker that ran on without it is kept", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  system.runtime.goAway(true);
  const settled = supervisor.settle();
  await system.clock.asleep();
  system.runtime.goAway(false);
  system.clock.advance(1000);
  await settled;
  expect(system.types().slice(-2)).toEqual(["docker.unavailable", "docker.available"]);
  expect(system.newest("docker.available").payload).toEqual({ outage_ms: 1000 });
  expect(system.ofType("worker.exited")).toEqual([]);
});

test("an engine that stays away ends the supervisor, with what to do", async () => {
  const supervisor = system.startSupervisor();
  await supervisor.settle();
  system.runtime.goAway(true);
  const settled = supervisor.settle();
  await system.clock.asleep();
  system.clock.advance(60_000);
  await expect(settled).rejects.toThrow(/The Docker Engine stayed away\. Start it/);
});

test("asked to leave while the engine is away, the supervisor leaves", async () => {
  const supervisor = system.startSupervisor();
  await supervisor.settle();
  system.runtime.goAway(true);
  system.stop.abort();
  expect(await supervisor.settle()).toEqual({ kind: "leave" });
});
