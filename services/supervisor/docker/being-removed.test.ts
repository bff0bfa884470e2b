import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { systemClock } from "../../../shared/clock.ts";
import { silentLogger } from "../../../shared/logging.ts";
import { openEngine } from "./docker-engine.ts";
import { createDockerRuntime } from "./docker-runtime.ts";
import { temporaryEngine } from "./temporary-engine.ts";

/** An engine that is removing the worker, for compose, while it is asked about it. */

let engine: Awaited<ReturnType<typeof temporaryEngine>>;
beforeEach(async () => {
  engine = await temporaryEngine((_request, response) => {
    response.writeHead(409).end(JSON.stringify({ message: "the container is dead or marked for removal" }));
  });
});
afterEach(() => engine.remove());

test("what a worker printed is gone with it, and its removal counts as done", async () => {
  const runtime = createDockerRuntime(
    { docker: openEngine(engine.socketPath), clock: systemClock, log: silentLogger },
    { labels: {}, stateMount: { type: "volume", source: "state" }, networks: ["net"] },
    {
      worker: { environment: {}, stateDir: "/state", limits: { memoryMb: 512, pids: 256, stopGraceSeconds: 30 } },
      pulls: { loginsPath: "/nonexistent", stallMs: 1000, longestMs: 60_000, tellMs: 1000 },
    },
  );
  expect(await runtime.logTail("gone", 40, 0)).toEqual([]);
  await runtime.remove("gone");
});
