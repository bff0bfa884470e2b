import { rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { must } from "./command.ts";
import { type OwnEngine, startOwnEngine } from "./own-engine.ts";
import { type System, startSystem } from "./system.ts";

/** The disk that holds the engine's images and the state volume fills up. */

let engine: OwnEngine;
let system: System;
beforeAll(async () => {
  engine = await startOwnEngine({ sizeMb: 1500 });
  system = await startSystem("no-space", {}, { engine });
  await system.eventOf("revision.promoted");
});
afterAll(async () => {
  await system?.stop();
  await engine?.stop();
});

const identityOfWorker = () => engine.docker("inspect", "--format", "{{.Id}} {{.State.StartedAt}}", system.worker);

test("with little space left a deploy is rejected with what to do, and the running worker is not touched", async () => {
  const next = await system.buildWorker("next", "LABEL revision=next");
  const worker = await identityOfWorker();
  const { bavail, bsize } = statfsSync(engine.data);
  const ballast = join(engine.data, "ballast");
  await must("fallocate", ["--length", String(bavail * bsize - 100_000_000), ballast]);
  const { exitCode, stdout, stderr } = await system.lastgood("deploy", next);
  expect(exitCode).toBe(1);
  expect(stdout + stderr).toContain("less than 200 MB are free on the state volume: free some space");
  expect(await identityOfWorker()).toBe(worker);
  rmSync(ballast);
  expect(await system.lastgood("deploy", next)).toMatchObject({ exitCode: 0 });
});
