import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { systemClock } from "../../../shared/clock.ts";
import { silentLogger } from "../../../shared/logging.ts";
import { openEngine, surroundingsOf } from "./docker-engine.ts";
import { createDockerRuntime } from "./docker-runtime.ts";
import { DEADLINES, deadlineFor } from "./engine-deadlines.ts";
import { temporaryEngine } from "./temporary-engine.ts";

const surroundings = { labels: {}, stateMount: { type: "volume", source: "state" }, networks: ["net"] } as const;
const limits = { memoryMb: 512, pids: 256, stopGraceSeconds: 30 };
const settings = {
  worker: { environment: {}, stateDir: "/state", limits },
  pulls: { loginsPath: "/nonexistent", stallMs: 20, longestMs: 60_000, tellMs: 1000 },
};
const revision = { revision: "worker:a", imageId: "sha256:a" };

let engine: Awaited<ReturnType<typeof temporaryEngine>>;
let asked: string[];
/** What is sent of an answer before it stops for ever. */
let beginning: string | null;
let refuses: boolean;
beforeEach(async () => {
  asked = [];
  beginning = null;
  refuses = false;
  engine = await temporaryEngine((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (refuses) response.writeHead(500).end("{}");
    else if (beginning !== null) response.writeHead(200, { "content-type": "application/json" }).write(beginning);
  });
});
afterEach(() => engine.remove());

function runtimeWith(deadlines: typeof DEADLINES) {
  const docker = openEngine(engine.socketPath, deadlines);
  return createDockerRuntime({ docker, clock: systemClock, log: silentLogger }, surroundings, settings);
}

const SHORT = { readMs: 20, changeMs: 20 };
const requests: readonly (readonly [string, (runtime: ReturnType<typeof runtimeWith>) => Promise<unknown>])[] = [
  ["look", (runtime) => runtime.look()],
  ["resolve", (runtime) => runtime.resolve("worker:a")],
  ["present", (runtime) => runtime.present(["sha256:a"])],
  ["start", (runtime) => runtime.start({ ...revision, instance: "1.1", supervisorId: 1, parentId: 1 })],
  ["startAgain", (runtime) => runtime.startAgain("c")],
  ["wasSignalled", (runtime) => runtime.wasSignalled("c", 0)],
  ["startCheck", (runtime) => runtime.startCheck({ ...revision, requestId: 1 })],
  ["hold", (runtime) => runtime.hold(revision)],
  ["letGo", (runtime) => runtime.letGo("sha256:a")],
  ["stop", (runtime) => runtime.stop("c", 0)],
  ["remove", (runtime) => runtime.remove("c")],
  ["logTail", (runtime) => runtime.logTail("c", 1, 0)],
];

test.each(requests)(
  "%s ends by itself when the engine accepts and never answers, and counts as an outage",
  async (_, request) => {
    const runtime = runtimeWith(SHORT);
    const error = await request(runtime).catch((caught) => caught);
    expect(String(error)).toMatch(/the engine did not answer [A-Z]+ \/\S+ within 0.02 s/);
    expect(runtime.isUnavailable(error)).toBe(true);
  },
);

// Of what signalled a worker, the first byte is the answer.
const wholeAnswers = requests.filter(([name]) => name !== "wasSignalled");
test.each(wholeAnswers)("%s ends by itself when an answer stops in its middle", async (_, request) => {
  beginning = "[";
  const runtime = runtimeWith(SHORT);
  expect(runtime.isUnavailable(await request(runtime).catch((caught) => caught))).toBe(true);
});

test("at its start the supervisor says that the engine hangs", async () => {
  const docker = openEngine(engine.socketPath, SHORT);
  const self = { containerId: "self", socketPath: engine.socketPath, stateDir: "/state" };
  await expect(surroundingsOf(docker, self)).rejects.toThrow(/cannot be reached at .* \(ETIMEDOUT\)\. It hangs/);
});

test("a pull from a registry that hangs ends by itself, and says so", async () => {
  beginning = '{"status":"Pulling from worker","id":"a"}\n';
  const runtime = runtimeWith(SHORT);
  const watching = new AbortController();
  const failed = new Promise((resolve) => {
    runtime.watch(() => {
      const pull = runtime.pullOf("worker:a");
      if (pull.kind === "failed") resolve(pull);
    }, watching.signal);
  });
  runtime.pull("worker:a");
  expect(await failed).toEqual({ kind: "failed", reason: "nothing came for 0.02 s: the registry hangs" });
  watching.abort();
});

test("a stop may take its grace and more; events and a pull go on for as long as they like", () => {
  const stop = { path: "/containers/c/stop?", method: "POST", options: { t: 30 } };
  expect(deadlineFor(stop, DEADLINES)).toBeGreaterThan(30_000 + 60_000);
  expect(deadlineFor({ path: "/events?", method: "GET", options: {} }, DEADLINES)).toBeNull();
  expect(deadlineFor({ path: "/images/create?", method: "POST" }, DEADLINES)).toBeNull();
});

test("no path names a version of the API: the engine answers with its own", async () => {
  refuses = true;
  const runtime = runtimeWith(DEADLINES);
  await Promise.allSettled(requests.map(([, request]) => request(runtime)));
  expect(asked.length).toBeGreaterThanOrEqual(requests.length);
  expect(asked.filter((line) => /^[A-Z]+ \/v\d/.test(line))).toEqual([]);
});
