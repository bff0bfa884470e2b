import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import Docker from "dockerode";
import { createFakeClock } from "../../../shared/fake-clock.ts";
import { silentLogger } from "../../../shared/logging.ts";
import { createDockerRuntime } from "./docker-runtime.ts";

/** What the engine is asked, word for word, by a server that answers in its place. */

let directory: string;
let asked: URL[];
const engine = createServer((request, response) => {
  asked.push(new URL(request.url ?? "", "http://engine"));
  response.end();
});
beforeEach(async () => {
  asked = [];
  directory = mkdtempSync(join(tmpdir(), "lastgood-"));
  await new Promise<void>((resolve) => engine.listen(join(directory, "docker.sock"), resolve));
});
afterEach(async () => {
  await new Promise((resolve) => engine.close(resolve));
  rmSync(directory, { recursive: true });
});

test("whether a worker was signalled is asked of the past alone: for what is to come the engine would wait", async () => {
  const docker = new Docker({ socketPath: join(directory, "docker.sock") });
  const surroundings = { labels: {}, stateMount: { type: "volume", source: "state" }, networks: [] } as const;
  const limits = { memoryMb: 512, pids: 256, stopGraceSeconds: 30 };
  const ports = { docker, clock: createFakeClock(1_000_250), log: silentLogger };
  const runtime = createDockerRuntime(ports, surroundings, {
    worker: { environment: {}, stateDir: "/state", limits },
    pulls: { loginsPath: "/dev/null", stallMs: 1000, longestMs: 60_000, tellMs: 1000 },
  });
  expect(await runtime.wasSignalled("c", 0)).toBe(false);
  expect(asked.map(({ searchParams }) => searchParams.get("until"))).toEqual(["1000.25"]);
});
