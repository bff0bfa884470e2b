import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { currentGoodRevision } from "../../shared/state.ts";
import { newestWorker } from "../../shared/worker-state.ts";
import { tellingLines } from "./answer.ts";
import { createFakeSystem, type FakeSystem } from "./fake-system.ts";

let system: FakeSystem;
beforeEach(() => {
  system = createFakeSystem();
});
afterEach(() => system.remove());

test("the configured image is deployed and its worker spawned under the supervisor's own event", async () => {
  const supervisor = system.startSupervisor();
  await supervisor.settle();
  expect(system.types()).toEqual(["process.started", "deploy.started", "worker.spawned"]);
  expect(system.newest("worker.spawned")).toMatchObject({
    parentId: supervisor.id,
    payload: { instance: "1.1", revision: "worker:a", image_id: "sha256:a", container_id: "container-1", pid: 101 },
  });
});

test("a deploy whose check fails is rejected with what it said, and the running worker is not touched", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  const before = system.runtime.asked.length;
  system.runtime.addImage("b");
  system.runtime.checksExitWith(78);
  const request = system.deploy("b");
  await supervisor.settle();
  expect(system.newest("deploy.rejected").payload).toEqual({
    request_id: request,
    revision: "worker:b",
    reason: "its check failed with 78: last words",
  });
  expect(system.runtime.asked).toHaveLength(before);
  expect((await system.runtime.look()).check).toBeNull();
});

test("of a check that died the error is told, and not the stack below it", () => {
  const printed = ["node:internal/modules:283", "    throw new Error(", "    ^", "", "Error: Cannot find module", ""];
  const frames = Array.from({ length: 20 }, (_, line) => `    at resolve (node:internal:${line})`);
  expect(tellingLines([...printed, ...frames, "  code: 'NOT_FOUND'", "}", "", "Node.js v24.0.0"])).toEqual([
    "node:internal/modules:283",
    "    throw new Error(",
    "Error: Cannot find module",
    "  code: 'NOT_FOUND'",
  ]);
});

test("while a check runs the worker is watched, and a check that takes too long rejects the deploy", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  system.runtime.addImage("b");
  system.runtime.checksExitWith(null);
  system.deploy("b");
  const rest = await supervisor.settle();
  expect(rest).toEqual({ kind: "wait", until: system.clock.now() + 60_000 });
  system.runtime.end(1);
  await supervisor.settle();
  expect(newestWorker(system.db)).toMatchObject({ revision: "worker:a", exited: false });
  system.clock.advance(60_000);
  await supervisor.settle();
  expect(system.newest("deploy.rejected").payload).toMatchObject({ reason: "its check took longer than 60 s" });
});

test.each(["stopped", "removed"])(
  "a check that somebody else %s says nothing about the image: it is asked again",
  async (how) => {
    const supervisor = system.startSupervisor();
    await system.promote(supervisor);
    system.runtime.addImage("b");
    system.runtime.checksExitWith(null);
    system.deploy("b");
    await supervisor.settle();
    const first = (await system.runtime.look()).check;
    if (how === "stopped") system.runtime.endCheck(137, { signalled: true });
    else system.runtime.removeCheck();
    await supervisor.settle();
    const second = (await system.runtime.look()).check;
    expect(second).toMatchObject({ imageId: "sha256:b", state: { kind: "running" } });
    expect(second?.id).not.toBe(first?.id);
    system.runtime.endCheck(0);
    await supervisor.settle();
    expect(newestWorker(system.db)).toMatchObject({ revision: "worker:b", exited: false });
  },
);

test("a check that somebody else stops again and again is given up, and its deploy is rejected", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  system.runtime.addImage("b");
  system.runtime.checksExitWith(null);
  system.deploy("b");
  for (let times = 0; times < 3; times += 1) {
    await supervisor.settle();
    expect(system.ofType("deploy.rejected")).toEqual([]);
    system.runtime.endCheck(137, { signalled: true });
  }
  await supervisor.settle();
  expect(system.newest("deploy.rejected").payload).toMatchObject({ reason: "its check was stopped too often" });
  expect(newestWorker(system.db)).toMatchObject({ revision: "worker:a", exited: false });
});

test("a check that was created and never started is begun again, and nobody waits for it to take too long", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  system.runtime.addImage("b");
  system.runtime.cutNextCheckShort();
  system.deploy("b");
  await supervisor.settle();
  expect(newestWorker(system.db)).toMatchObject({ revision: "worker:b", exited: false });
});

test("an image that is not here is pulled first", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  system.runtime.registryHas("worker:b", "it");
  system.deploy("b");
  await supervisor.settle();
  expect(newestWorker(system.db)).toMatchObject({ revision: "worker:b", exited: false });
});

test("a full disk rejects a deploy before anything is touched", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  system.runtime.addImage("b");
  system.freeBytes = 1000;
  system.deploy("b");
  await supervisor.settle();
  expect(system.newest("deploy.rejected").payload).toMatchObject({
    reason: expect.stringContaining("free some space"),
  });
});

test("a tag that moves while the worker runs changes nothing by itself", async () => {
  const supervisor = system.startSupervisor({ configured: "worker:moving" });
  system.runtime.registryHas("worker:moving", "it");
  system.runtime.pull("worker:moving");
  await supervisor.settle();
  system.runtime.vanish();
  await supervisor.settle();
  system.runtime.addImage("moving");
  await supervisor.settle();
  expect(system.ofType("deploy.started")).toHaveLength(1);
});

test("an unknown tag is rejected and the running worker is not touched", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  const before = system.runtime.asked.length;
  const request = system.deploy("none");
  await supervisor.settle();
  await supervisor.settle();
  expect(system.ofType("deploy.rejected").map(({ payload }) => payload)).toEqual([
    { request_id: request, revision: "worker:none", reason: expect.stringContaining("no image is called worker:none") },
  ]);
  expect(system.runtime.asked).toHaveLength(before);
});

test("a deploy of what runs already is rejected", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  system.deploy("a");
  await supervisor.settle();
  expect(system.newest("deploy.rejected").payload).toMatchObject({ reason: "worker:a is running already" });
});

test("a deploy that another overtakes ends as replaced", async () => {
  const supervisor = system.startSupervisor();
  await system.promote(supervisor);
  for (const tag of ["b", "c"]) system.runtime.addImage(tag);
  const first = system.deploy("b");
  await supervisor.settle();
  system.deploy("c");
  await supervisor.settle();
  expect(system.newest("deploy.failed").payload).toMatchObject({
    request_id: first,
    reason: "replaced by the deploy of worker:c",
  });
  expect(newestWorker(system.db)?.revision).toBe("worker:c");
});

test("a configured image never met before is deployed when the supervisor starts, once", async () => {
  await system.promote(system.startSupervisor());
  system.runtime.addImage("b");
  await system.promote(system.startSupervisor({ configured: "worker:b" }));
  expect(currentGoodRevision(system.db)?.revision).toBe("worker:b");
  system.rollBack(null);
  const third = system.startSupervisor({ configured: "worker:b" });
  await system.promote(third);
  await system.startSupervisor({ configured: "worker:b" }).settle();
  expect(newestWorker(system.db)?.revision).toBe("worker:a");
});
