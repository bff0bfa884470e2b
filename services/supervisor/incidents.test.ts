import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { currentGoodRevision } from "../../shared/state.ts";
import { newestWorker } from "../../shared/worker-state.ts";
import { createFakeSystem, type FakeSystem, policy } from "./fake-system.ts";

let system: FakeSystem;
beforeEach(() => {
  system = createFakeSystem();
});
afterEach(() => system.remove());

test("when the predecessor dies too, but differently, the one before it is tried", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  await system.promoteAll(supervisor, ["b"]);
  system.runtime.addImage("c");
  system.deploy("c");
  await supervisor.settle();
  system.runtime.end(1);
  await supervisor.settle();
  system.runtime.end(78);
  await supervisor.settle();
  expect(newestWorker(system.db)).toMatchObject({ revision: "worker:a", exited: false });
  expect(system.newest("rollback.attempted").payload).toMatchObject({ target_revision: "worker:b", success: false });
});

test("two good revisions that fail alike have a common cause: the walk stops, before the third is tried", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  await system.promoteAll(supervisor, ["b", "c"]);
  system.runtime.addImage("d");
  system.deploy("d");
  await supervisor.settle();
  for (let exits = 0; exits < 3; exits += 1) {
    system.runtime.end(1);
    await supervisor.settle();
  }
  expect(system.ofType("rollback.started").map(({ payload }) => payload?.target_revision)).toEqual([
    "worker:c",
    "worker:b",
  ]);
  expect(system.newest("supervisor.halted").payload?.reason).toMatch(
    /two good revisions failed alike: crash before it was ready/,
  );
});

test("an incident has three rollbacks, and ends with a probation that is passed", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  await system.promoteAll(supervisor, ["b", "c", "d", "e"]);
  system.runtime.addImage("f");
  system.deploy("f");
  await supervisor.settle();
  for (const exitCode of [1, 78, 1]) {
    system.runtime.end(exitCode);
    await supervisor.settle();
  }
  expect(system.ofType("supervisor.halted")).toEqual([]);
  system.clock.advance(policy.readyTimeoutMs + 1);
  await supervisor.settle();
  expect(system.ofType("rollback.started")).toHaveLength(3);
  expect(system.newest("supervisor.halted").payload).toEqual({ reason: "3 rollbacks did not help" });
});

test("a good revision whose image is gone is passed over", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  for (const tag of ["b", "c"]) {
    system.runtime.addImage(tag);
    system.deploy(tag);
    await system.promote(supervisor);
  }
  system.runtime.removeImage("b");
  system.runtime.end(1);
  await supervisor.settle();
  await system.crash(supervisor, 3);
  expect(system.newest("rollback.started").payload).toMatchObject({
    target_revision: "worker:a",
    from_revision: "worker:c",
  });
});

test("with nothing good to go back to the supervisor halts, says so once, and probes slowly", async () => {
  const supervisor = system.startSupervisor();
  await supervisor.settle();
  await system.crash(supervisor, 2);
  system.runtime.end(1);
  const rest = await supervisor.settle();
  expect(system.newest("supervisor.halted").payload).toEqual({ reason: expect.stringContaining("no good revision") });
  expect(rest).toEqual({ kind: "wait", until: system.newest("worker.exited").timestamp + policy.haltProbeMs });
  system.clock.advance(policy.haltProbeMs + 1000);
  await supervisor.settle();
  system.runtime.end(1);
  await supervisor.settle();
  expect(system.ofType("worker.spawned")).toHaveLength(4);
  expect(system.ofType("supervisor.halted")).toHaveLength(1);
});

test("a halted supervisor still carries out a deploy", async () => {
  const supervisor = system.startSupervisor();
  await supervisor.settle();
  await system.crash(supervisor, 3);
  system.runtime.addImage("b");
  system.deploy("b");
  await supervisor.settle();
  expect(newestWorker(system.db)).toMatchObject({ revision: "worker:b", exited: false });
});

test("a halted supervisor takes up a new image of the configured tag, and the given up one no more", async () => {
  const supervisor = system.startSupervisor();
  await supervisor.settle();
  await system.crash(supervisor, 3);
  system.runtime.addImage("a", "sha256:mended");
  await supervisor.settle();
  expect(newestWorker(system.db)).toMatchObject({ imageId: "sha256:mended", exited: false });
  expect(system.newest("deploy.started").payload).toMatchObject({ image_id: "sha256:mended", reason: "configured" });
  await system.crash(supervisor, 3);
  system.runtime.addImage("a", "sha256:a");
  await supervisor.settle();
  expect(newestWorker(system.db)).toMatchObject({ imageId: "sha256:mended", exited: true });
});

test("whoever restarts a halted supervisor gets a probe at once", async () => {
  const supervisor = system.startSupervisor();
  await supervisor.settle();
  await system.crash(supervisor, 2);
  system.runtime.end(1);
  await supervisor.settle();
  const successor = system.startSupervisor();
  await successor.settle();
  expect(newestWorker(system.db)).toMatchObject({ supervisorId: successor.id, exited: false });
});

test("a halt ends when a probe passes its probation, and the revision is good again", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  await system.crash(supervisor, 1);
  await system.crash(supervisor, 3);
  expect(currentGoodRevision(system.db)).toBeNull();
  system.clock.advance(policy.haltProbeMs);
  await system.promote(supervisor);
  expect(currentGoodRevision(system.db)).toEqual({ revision: "worker:a", imageId: "sha256:a" });
  await system.crash(supervisor, 1);
  expect(newestWorker(system.db)?.exited).toBe(false);
});

test("a wrong setting, which every revision shares, gives up none of them: the same one starts when it is mended", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  await system.promoteAll(supervisor, ["b"]);
  for (let starts = 0; starts < 4; starts += 1) {
    system.runtime.end(78);
    await supervisor.settle();
    system.clock.advance(policy.haltProbeMs);
    await supervisor.settle();
  }
  system.runtime.end(78);
  await supervisor.settle();
  expect(system.ofType("revision.quarantined")).toEqual([]);
  await system.startSupervisor().settle();
  expect(newestWorker(system.db)).toMatchObject({ revision: "worker:b", exited: false });
});

test("an operator's own choices are no rollbacks of an incident", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  for (const tag of ["b", "c", "d", "e"]) {
    system.runtime.addImage(tag);
    system.deploy(tag);
    await supervisor.settle();
    system.runtime.end(1);
    await supervisor.settle();
    system.workerIsReady();
    await supervisor.settle();
  }
  expect(system.ofType("supervisor.halted")).toEqual([]);
  expect(newestWorker(system.db)).toMatchObject({ revision: "worker:a", exited: false });
});
