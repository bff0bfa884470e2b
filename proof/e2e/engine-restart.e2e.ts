import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type OwnEngine, startOwnEngine } from "./own-engine.ts";
import { type System, startSystem } from "./system.ts";

/** The daemon goes and comes back, with its containers or without: nobody's fault, and never a rollback. */

let engine: OwnEngine;
let system: System;
beforeAll(async () => {
  engine = await startOwnEngine();
  system = await startSystem("restart", { DOCKER_PATIENCE_SECONDS: "2", RECONCILE_SECONDS: "1" }, { engine });
  await system.eventOf("revision.promoted");
});
afterAll(async () => {
  await system?.stop();
  await engine?.stop();
});

const identityOfWorker = () => engine.docker("inspect", "--format", "{{.Id}} {{.State.StartedAt}}", system.worker);
async function isAnswered(text: string) {
  const chat = await system.openChat();
  await chat.say(text);
  await chat.reply(text);
}
async function nothingIsHeldAgainstTheRevision() {
  const { stdout } = await system.lastgood("events", "--json", "-n", "10000");
  expect(stdout).toContain("revision.promoted");
  expect(stdout).not.toMatch(/revision\.quarantined|rollback\.started|crash_loop\.detected|"class":"crash"/);
}

test.each([
  ["stopped in order", "SIGTERM"],
  ["killed", "SIGKILL"],
] as const)("a daemon %s takes the worker along, and everything is back with it", async (_, signal) => {
  const before = await system.newestEventId();
  await engine.end(signal);
  await engine.start();
  await engine.docker("start", system.console, system.supervisor); // a killed one may leave what it found running
  const exited = await system.eventOf("worker.exited", before);
  expect(["asked", "host went away", "stopped from outside"]).toContain(exited.payload.class);
  await system.eventOf("worker.ready", exited.id);
  await isAnswered("after the daemon came back");
  await nothingIsHeldAgainstTheRevision();
});

test("a daemon that restores its containers alive is no reason to touch the worker", async () => {
  const earlier = await system.newestEventId();
  await engine.end();
  await engine.start("--live-restore");
  await engine.docker("start", system.console, system.supervisor);
  const before = await system.eventOf("worker.ready", earlier);
  const worker = await identityOfWorker();
  await engine.end();
  await engine.start("--live-restore");
  // The mounted socket is the old daemon's: only a restart of the supervisor mounts the new one.
  await system.eventOf("process.started", before.id);
  await system.lastgood("deploy", "lastgood-worker:never-built"); // it is answered, so the engine has been looked at
  expect(await identityOfWorker()).toBe(worker);
  await isAnswered("after the live restore");
  await nothingIsHeldAgainstTheRevision();
});

test("good images outlive a prune of all that no container uses, and can be gone back to", async () => {
  const imageOfWorker = () => engine.docker("inspect", "--format", "{{.Image}}", system.worker);
  const first = await imageOfWorker();
  const second = await system.buildWorker("second", "ENV SECOND=yes");
  expect(await system.lastgood("deploy", second)).toMatchObject({ exitCode: 0 });
  expect(await imageOfWorker()).not.toBe(first);
  await engine.docker("image", "prune", "--all", "--force");
  expect(await system.lastgood("rollback")).toMatchObject({ exitCode: 0 });
  expect(await imageOfWorker()).toBe(first);
  await isAnswered("after the prune");
});
