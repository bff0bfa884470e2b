import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { systemClock } from "../../../shared/clock.ts";
import { silentLogger } from "../../../shared/logging.ts";
import type { WorkerRuntime } from "../worker-runtime.ts";
import { openEngine } from "./docker-engine.ts";
import { createDockerRuntime } from "./docker-runtime.ts";
import { temporaryEngine } from "./temporary-engine.ts";

/** An engine with one container, which it stops as Docker does: what is paused has to go on first. */

type State = "running" | "paused" | "stuck" | "stopped" | "gone";

let engine: Awaited<ReturnType<typeof temporaryEngine>>;
let runtime: WorkerRuntime;
let state: State;
let asked: string[];
beforeEach(async () => {
  asked = [];
  engine = await temporaryEngine((request, response) => {
    const [, action] = /\/containers\/c\/(\w+)/.exec(request.url ?? "") ?? [];
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(answerTo(action)).end("{}");
  });
  runtime = createDockerRuntime(
    { docker: openEngine(engine.socketPath), clock: systemClock, log: silentLogger },
    { labels: {}, stateMount: { type: "volume", source: "state" }, networks: ["net"] },
    {
      worker: { environment: {}, stateDir: "/state", limits: { memoryMb: 512, pids: 256, stopGraceSeconds: 30 } },
      pulls: { loginsPath: "/nonexistent", stallMs: 1000, longestMs: 9000, tellMs: 1000 },
    },
  );
});
afterEach(() => engine.remove());

/** https://docs.docker.com/reference/api/engine/version/v1.45/#tag/Container */
function answerTo(action: string | undefined): number {
  if (state === "gone") return 404;
  if (action === "unpause") {
    if (state !== "paused") return 500; // "Container c is not paused"
    state = "running";
    return 204;
  }
  if (state === "stopped") return 304;
  if (state === "paused" || state === "stuck") return 500; // it cannot be told to end
  state = "stopped";
  return 204;
}

test("a paused worker goes on, so that it can be stopped and finish what is in hand", async () => {
  state = "paused";
  await runtime.stop("c", 30_000);
  expect(state).toBe("stopped");
  expect(asked).toEqual(["POST /containers/c/unpause", "POST /containers/c/stop?t=30"]);
});

test("a worker that runs is stopped, though there is nothing to go on from; a grace is given in whole seconds", async () => {
  state = "running";
  await runtime.stop("c", 500);
  expect(state).toBe("stopped");
  expect(asked.at(-1)).toBe("POST /containers/c/stop?t=1");
});

test.each(["stopped", "gone"] as const)("a worker that is %s already counts as done", async (already) => {
  state = already;
  await runtime.stop("c", 30_000);
  expect(state).toBe(already);
});

test("a worker that the engine cannot stop has not been stopped", async () => {
  state = "stuck";
  await expect(runtime.stop("c", 30_000)).rejects.toMatchObject({ statusCode: 500 });
});
