import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat } from "./chat.ts";
import { must } from "./command.ts";
import { type System, startSystem } from "./system.ts";

/** A container inherits its image's labels: what an image says of itself is no role. */

let system: System;
let chat: Chat;
let byHand: string[];
beforeAll(async () => {
  byHand = [];
  system = await startSystem("labelled", { RECONCILE_SECONDS: "1" });
  chat = await system.openChat();
  await system.eventOf("revision.promoted");
});
afterAll(async () => {
  if (byHand.length > 0) await must("docker", ["rm", "--force", ...byHand]);
  await system?.stop();
});

const idOf = (name: string) => must("docker", ["inspect", "--format", "{{.Id}}", name]);

/** Runs an image in our project under a name of its own, and has the supervisor look at it. */
async function runByHand(image: string): Promise<string> {
  const project = `com.docker.compose.project=${system.project}`;
  const run = ["run", "--detach", "--label", project, "--network", "none", "--entrypoint", "sleep", image, "600"];
  const id = await must("docker", run);
  byHand.push(id);
  return id;
}

async function isHarmless(image: string): Promise<void> {
  expect(await system.lastgood("deploy", image)).toMatchObject({ exitCode: 0 });
  const worker = await idOf(system.worker);
  const foreign = await runByHand(image);
  const before = await system.newestEventId();
  // It is answered only after the supervisor has looked around.
  expect(await system.lastgood("deploy", "lastgood-worker:never-built")).toMatchObject({ exitCode: 1 });
  await chat.isAnswered(`beside a container of ${image}`);
  expect(await idOf(system.worker)).toBe(worker);
  expect(await idOf(foreign)).toBe(foreign);
  const types = (await system.eventsSince(before)).map(({ event_type }) => event_type);
  expect(types.filter((type) => type.startsWith("worker."))).toEqual([]);
}

test("an image that says it is everything is deployed, and what is run from it by hand is nobody", async () => {
  const labels = "LABEL lastgood.role=worker lastgood.instance=x lastgood.check=999 lastgood.holds=zzz";
  await isHarmless(await system.buildWorker("says-worker", labels));
});

test.each(["check", "holds"])("an image with the role %s is deployed, and is no such thing", async (role) => {
  const labels = `LABEL lastgood.role=${role} lastgood.check=999 lastgood.holds=zzz`;
  await isHarmless(await system.buildWorker(`says-${role}`, labels));
});

test("an image that was committed from the running worker is deployed, and what is run from it by hand is nobody", async () => {
  const image = `${system.image}-committed`;
  await must("docker", ["commit", system.worker, image]);
  await isHarmless(image);
});

test("none of these was held against a revision", async () => {
  const { stdout } = await system.lastgood("events", "--json", "-n", "10000");
  expect(stdout).not.toMatch(/revision\.quarantined|rollback\.started|crash_loop\.detected|"class":"crash"/);
});
