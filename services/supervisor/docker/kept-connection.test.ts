import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { openEngine } from "./docker-engine.ts";
import { temporaryEngine } from "./temporary-engine.ts";

/** An engine behind something that cuts each connection when it is used a second time. */

let engine: Awaited<ReturnType<typeof temporaryEngine>>;
beforeEach(async () => {
  const used = new Set<unknown>();
  engine = await temporaryEngine(({ socket }, response) => {
    if (used.has(socket)) socket.destroy();
    used.add(socket);
    response.setHeader("content-type", "application/json").end("[]");
  });
});
afterEach(() => engine.remove());

test("a connection that is cut after its answer is not taken for an engine that is away", async () => {
  const docker = openEngine(engine.socketPath);
  expect(await docker.listContainers()).toEqual([]);
  expect(await docker.listContainers()).toEqual([]);
});
