import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createFakeSystem, type FakeSupervisor, type FakeSystem } from "./fake-system.ts";

let system: FakeSystem;
let supervisor: FakeSupervisor;
beforeEach(async () => {
  system = createFakeSystem();
  supervisor = system.startSupervisor();
  await system.promote(supervisor);
});
afterEach(() => system.remove());

/** This call of the engine fails, with what no method of it expects. */
function failing(call: string, error: Error = new Error("(HTTP code 500) server error - something broke")) {
  system.interrupt = (name, when) => {
    if (name === call && when === "before") throw error;
  };
}

test("a step that fails because of a deploy rejects that deploy, in the engine's words, and the worker runs on", async () => {
  system.runtime.addImage("b");
  const request = system.deploy("b");
  failing("startCheck");
  expect((await supervisor.settle()).kind).toBe("wait");
  expect(system.newest("deploy.rejected").payload).toMatchObject({
    request_id: request,
    reason: expect.stringContaining("something broke"),
  });
  expect(system.runtime.container()).toMatchObject({ revision: "worker:a", state: { kind: "running" } });
});

test("so does one that fails because of a rollback", async () => {
  system.runtime.addImage("b");
  const request = system.rollBack("b");
  let resolves = 0;
  system.interrupt = (name, when) => {
    if (name !== "resolve" || when !== "before") return;
    resolves += 1;
    if (resolves === 1) throw new Error("something broke");
  };
  await supervisor.settle();
  expect(system.newest("rollback.rejected").payload).toMatchObject({ request_id: request });
});

test("a step that nobody asked for fails as it did", async () => {
  system.runtime.end(1);
  failing("startAgain");
  await expect(supervisor.settle()).rejects.toThrow("something broke");
});

test("a decision that its own step does not change ends the deploy that it is about, and supervision goes on", async () => {
  system.runtime.addImage("b");
  const request = system.deploy("b");
  const { runtime } = system;
  runtime.startCheck = async () => null; // and nothing is there afterwards
  const rest = await supervisor.settle();
  expect(rest).toMatchObject({ kind: "wait", why: expect.stringContaining("no end is seen") });
  expect(system.newest("deploy.rejected").payload).toMatchObject({ request_id: request });
  expect((await supervisor.settle()).kind).toBe("wait");
});
