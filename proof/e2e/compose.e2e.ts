import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { must } from "./command.ts";
import { type System, startSystem } from "./system.ts";

let system: System;
beforeAll(async () => {
  system = await startSystem("compose");
});
afterAll(() => system?.stop());

const left = async (kind: string) =>
  must("docker", [
    kind,
    "ls",
    "--quiet",
    ...(kind === "container" ? ["--all"] : []),
    "--filter",
    `label=com.docker.compose.project=${system.project}`,
  ]);

test("compose shows the worker and its log as its own", async () => {
  const services = await system.compose("ps", "--format", "{{.Service}} {{.State}}");
  expect(services.split("\n").sort()).toEqual(["console running", "supervisor running", "worker running"]);
  const log = await system.compose("logs", "--no-log-prefix", "worker");
  const erasesLine = "\u001b[2K"; // compose's own, before each line
  expect(
    log
      .replaceAll(erasesLine, "")
      .split("\n")
      .map((line) => JSON.parse(line).msg),
  ).toContain("process.started");
});

test("up again scales the worker away, and the supervisor brings the same revision back", async () => {
  const before = await system.eventOf("worker.spawned");
  await system.compose("up", "--detach");
  const removed = await system.eventOf("worker.exited", before.id);
  expect(removed.payload).toMatchObject({ instance: before.payload.instance });
  // Compose stops it, then removes it: which of the two is seen first is nobody's to say.
  expect(["removed", "stopped from outside"]).toContain(removed.payload.class);
  const after = await system.eventOf("worker.spawned", removed.id);
  expect(after.payload.image_id).toBe(before.payload.image_id);
  await system.eventOf("worker.ready", after.id);
});

test("stop takes the worker along, and start brings it back", async () => {
  const before = await system.newestEventId();
  await system.compose("stop");
  await system.compose("start");
  const exited = await system.eventOf("worker.exited", before);
  expect(exited.payload).toMatchObject({ class: "asked", exit_code: 0 });
  await system.eventOf("worker.ready", exited.id);
});

test("down removes the worker with the rest and leaves nothing behind", async () => {
  await system.compose("down", "--volumes");
  expect([await left("container"), await left("network"), await left("volume")]).toEqual(["", "", ""]);
});
