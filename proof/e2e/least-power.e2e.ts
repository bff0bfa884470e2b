import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { DOCKER_ENDPOINTS } from "../../services/supervisor/docker/docker-endpoints.ts";
import { startFilteringProxy } from "./filtering-proxy.ts";
import { type System, startSystem } from "./system.ts";

let proxy: Awaited<ReturnType<typeof startFilteringProxy>>;
let system: System;
beforeAll(async () => {
  proxy = await startFilteringProxy();
  system = await startSystem("least-power", { DOCKER_SOCKET_PATH: proxy.socket });
});
afterAll(async () => {
  await system?.stop();
  await proxy?.stop();
});

test("behind a proxy that refuses all but the documented endpoints, everything works, and each of them is used", async () => {
  await system.eventOf("revision.promoted");
  const images = await Promise.all(
    ["b", "c", "d"].map((tag) => system.buildWorker(`power-${tag}`, `LABEL power=${tag}`)),
  );
  for (const image of images) expect(await system.lastgood("deploy", image)).toMatchObject({ exitCode: 0 });
  expect(await system.lastgood("deploy", "lastgood-worker:never-built")).toMatchObject({ exitCode: 1 });
  const before = await system.newestEventId();
  await system.killFromWithin();
  await system.eventOf("worker.ready", before);
  expect(proxy.refused).toEqual([]);
  expect(DOCKER_ENDPOINTS.map(({ why }) => why).filter((why) => !proxy.used.has(why))).toEqual([]);
});
