import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { must, run } from "./command.ts";
import { type System, startSystem } from "./system.ts";

/** Containers that somebody else made, renamed, changed or copied. */

let system: System;
let foreign: string[];
beforeAll(async () => {
  foreign = [];
  system = await startSystem("foreign", { RECONCILE_SECONDS: "1" });
  await system.eventOf("revision.promoted");
});
afterAll(async () => {
  if (foreign.length > 0) await must("docker", ["rm", "--force", ...foreign]);
  await system?.stop();
});

const idOf = (name: string) => must("docker", ["inspect", "--format", "{{.Id}}", name]);
const workers = async () => {
  const ours = [
    "--filter",
    `label=com.docker.compose.project=${system.project}`,
    "--filter",
    "label=lastgood.instance",
  ];
  return (await must("docker", ["ps", "--no-trunc", "--quiet", ...ours])).split("\n").filter(Boolean);
};

test("a worker renamed by hand is the worker all the same, and no second one is started", async () => {
  const id = await idOf(system.worker);
  await must("docker", ["rename", system.worker, `${system.worker}-renamed`]);
  await system.lineOf("supervisor", "the worker was renamed");
  expect(await workers()).toEqual([id]);
  await must("docker", ["rename", `${system.worker}-renamed`, system.worker]);
});

test("limits changed by docker update are put right by a planned replacement", async () => {
  const before = await system.newestEventId();
  await must("docker", ["update", "--pids-limit", "99", system.worker]);
  const exited = await system.eventOf("worker.exited", before);
  expect(exited.payload).toMatchObject({ class: "asked" });
  await system.eventOf("worker.ready", exited.id);
  expect(await must("docker", ["inspect", "--format", "{{.HostConfig.PidsLimit}}", system.worker])).toBe("256");
});

/** The options that give a container what says of the worker's that it is the worker. */
async function labelsOfWorker(): Promise<string[]> {
  const labels = JSON.parse(await must("docker", ["inspect", "--format", "{{json .Config.Labels}}", system.worker]));
  return Object.entries(labels).flatMap(([name, value]) => ["--label", `${name}=${value}`]);
}
const isGone = (name: string) => must("sh", ["-c", `while docker inspect ${name} >/dev/null 2>&1; do :; done`]);

test("a copy of the worker with all its labels is removed, and the worker is not touched", async () => {
  const id = await idOf(system.worker);
  const copy = await must("docker", ["create", ...(await labelsOfWorker()), system.image, "sleep", "600"]);
  await run("docker", ["start", copy]); // refused when it is gone already
  await isGone(copy);
  expect(await workers()).toEqual([id]);
});

test("a worker that was created and never started is removed, and one is started", async () => {
  const labels = await labelsOfWorker();
  const before = await system.newestEventId();
  await system.lastgood("stop");
  await isGone(system.worker);
  const leftover = await must("docker", ["create", "--name", system.worker, ...labels, system.image]);
  await isGone(leftover);
  await system.lastgood("start");
  await system.eventOf("worker.ready", before);
});

test("a foreign container with the worker's name is waited for, and never removed", async () => {
  const before = await system.newestEventId();
  await system.lastgood("stop");
  await isGone(system.worker);
  foreign.push(await must("docker", ["run", "--detach", "--name", system.worker, system.image, "sleep", "600"]));
  await system.lastgood("start");
  await system.lineOf("supervisor", `the name ${system.worker} is taken by a container that is not ours`);
  await system.lastgood("deploy", "lastgood-worker:never-built"); // it is answered: all the rest goes on
  expect([await idOf(system.worker)]).toEqual(foreign);
  await must("docker", ["rename", system.worker, `${system.worker}-foreign`]);
  await system.eventOf("worker.ready", before);
  expect(await idOf(`${system.worker}-foreign`)).toBe(foreign[0]);
  expect((await system.compose("logs", "supervisor")).match(/is taken by a container/g)).toHaveLength(1);
});

test("nothing of all this was held against the revision", async () => {
  const { stdout } = await system.lastgood("events", "--json", "-n", "10000");
  expect(stdout).not.toMatch(/revision\.quarantined|rollback\.started|crash_loop\.detected|"class":"crash"/);
});
