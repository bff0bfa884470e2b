import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat } from "./chat.ts";
import { must } from "./command.ts";
import { type System, startSystem } from "./system.ts";

/** What an operator does to the worker by hand, and wishes: nobody's fault, and never a rollback. */

let system: System;
let chat: Chat;
beforeAll(async () => {
  system = await startSystem("outside");
  chat = await system.openChat();
  await system.eventOf("revision.promoted");
});
afterAll(() => system?.stop());

test.each([
  ["stopped", ["stop"], "stopped from outside"],
  ["removed", ["rm", "--force"], undefined],
])("a worker %s by hand is started again, and nobody is blamed", async (_, command, expected) => {
  const before = await system.newestEventId();
  await must("docker", [...command, system.worker]);
  const exited = await system.eventOf("worker.exited", before);
  // What is removed by force is killed first, and either may be seen.
  expect(expected ? [expected] : ["removed", "stopped from outside"]).toContain(exited.payload.class);
  await system.eventOf("worker.ready", exited.id);
  await chat.isAnswered(`after docker ${command[0]}`);
});

test("a worker restarted by hand goes on, in place or in a new container", async () => {
  const before = await system.newestEventId();
  await must("docker", ["restart", system.worker]);
  await system.eventOf("worker.ready", before);
  await chat.isAnswered("after docker restart");
});

test("a paused worker is left alone, and goes on when it is resumed", async () => {
  const container = await must("docker", ["inspect", "--format", "{{.Id}}", system.worker]);
  await must("docker", ["pause", system.worker]);
  await chat.say("while it is paused");
  await system.lastgood("deploy", "lastgood-worker:never-built"); // it is answered, so the engine has been looked at
  await must("docker", ["unpause", system.worker]);
  await chat.reply("while it is paused");
  expect(await must("docker", ["inspect", "--format", "{{.Id}}", system.worker])).toBe(container);
});

test("what is stopped by a wish stays stopped through a restart of everything, until it is started", async () => {
  const before = await system.newestEventId();
  await system.lastgood("stop");
  const exited = await system.eventOf("worker.exited", before);
  expect(exited.payload).toMatchObject({ class: "asked" });
  await system.compose("restart", "supervisor");
  const successor = await system.eventOf("process.started", exited.id);
  await system.lastgood("deploy", "lastgood-worker:never-built");
  expect(JSON.parse((await system.lastgood("status", "--json")).stdout)).toMatchObject({ stopped: true });
  await system.lastgood("start");
  await system.eventOf("worker.ready", successor.id);
  await chat.isAnswered("after the start");
});

test("on hold a worker that died is left alone, and is started again when the hold ends", async () => {
  await system.lastgood("hold");
  const before = await system.newestEventId();
  await system.killFromWithin();
  const exited = await system.eventOf("worker.exited", before);
  expect(exited.payload).toMatchObject({ class: "crash", signal: "SIGKILL" });
  await system.lastgood("deploy", "lastgood-worker:never-built"); // it is answered, so there was time to start one
  expect((await system.eventsSince(exited.id)).map(({ event_type }) => event_type)).toEqual([
    "deploy.requested",
    "deploy.rejected",
  ]);
  expect(await system.compose("ps", "--quiet", "worker")).toBe("");
  await system.lastgood("unhold");
  await system.eventOf("worker.ready", exited.id);
  await chat.isAnswered("after the hold");
});

test("changed settings are a planned replacement by the same revision", async () => {
  const image = await system.imageOfWorker();
  const before = await system.newestEventId();
  system.set({ TG_HISTORY_WINDOW: "3" });
  await system.compose("up", "--detach");
  const { id: successor } = await system.nextEvent(before, ({ event_type, parent_id }) => {
    return event_type === "process.started" && parent_id === null;
  });
  const spawned = await system.nextEvent(successor, ({ event_type, parent_id }) => {
    return event_type === "worker.spawned" && parent_id === successor;
  });
  await system.eventOf("worker.ready", spawned.id);
  expect(await must("docker", ["exec", system.worker, "printenv", "TG_HISTORY_WINDOW"])).toBe("3");
  expect(await system.imageOfWorker()).toBe(image);
  const supervisors = (await system.eventsSince(before)).filter(({ event_type, parent_id }) => {
    return event_type === "process.started" && parent_id === null;
  });
  expect(supervisors).toHaveLength(1); // the one before it went when it was asked to, and not before
});

test("nothing of all this was held against the revision", async () => {
  const { stdout } = await system.lastgood("events", "--json", "-n", "10000");
  expect(stdout).toContain("revision.promoted");
  expect(stdout).not.toMatch(/revision\.quarantined|rollback\.started|crash_loop\.detected/);
});
