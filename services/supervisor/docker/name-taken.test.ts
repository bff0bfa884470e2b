import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { systemClock } from "../../../shared/clock.ts";
import { silentLogger } from "../../../shared/logging.ts";
import type { WorkerRuntime } from "../worker-runtime.ts";
import { openEngine } from "./docker-engine.ts";
import { createDockerRuntime } from "./docker-runtime.ts";
import { temporaryEngine } from "./temporary-engine.ts";

/** An engine on which every name of ours belongs to somebody else's container. */

const revision = { revision: "worker:a", imageId: "sha256:a" };
let engine: Awaited<ReturnType<typeof temporaryEngine>>;
let runtime: WorkerRuntime;
let asked: string[];
beforeEach(async () => {
  asked = [];
  engine = await temporaryEngine((request, response) => {
    const line = `${request.method} ${request.url}`;
    asked.push(line);
    const answer = (status: number, body: object) => void response.writeHead(status).end(JSON.stringify(body));
    if (line.startsWith("POST /containers/create")) answer(409, { message: "the name is in use" });
    else if (line.startsWith("GET /containers/json")) answer(200, []);
    else answer(line.includes("/tag") ? 201 : 200, { Id: "theirs", Config: { Labels: {} } });
  });
  const surroundings = { labels: {}, stateMount: { type: "volume", source: "state" }, networks: ["net"] } as const;
  const limits = { memoryMb: 512, pids: 256, stopGraceSeconds: 30 };
  runtime = createDockerRuntime(
    { docker: openEngine(engine.socketPath), clock: systemClock, log: silentLogger },
    surroundings,
    {
      worker: { environment: {}, stateDir: "/state", limits },
      pulls: { loginsPath: "/nonexistent", stallMs: 1000, longestMs: 60_000, tellMs: 1000 },
    },
  );
});
afterEach(async () => {
  expect(asked.filter((line) => line.startsWith("DELETE"))).toEqual([]); // what is not ours stays
  await engine.remove();
});

test("the worker's name is seen to be taken, and a start that meets it blames no revision", async () => {
  expect(await runtime.look()).toMatchObject({ worker: null, strays: [], nameTaken: "lastgood-worker-1" });
  expect(await runtime.start({ ...revision, instance: "1.1", supervisorId: 1, parentId: 1 })).toBeNull();
});

test("a check that cannot have its name is refused, so its deploy is answered", async () => {
  expect((await runtime.look()).check).toBeNull();
  expect(await runtime.startCheck({ ...revision, requestId: 1 })).toMatch(/lastgood-worker-check is taken/);
});

test("an image that cannot be held is not tried again for ever", async () => {
  expect((await runtime.look()).held).not.toContain("sha256:a");
  await runtime.hold(revision);
  expect((await runtime.look()).held).toContain("sha256:a");
});
