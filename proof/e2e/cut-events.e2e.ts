import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startCuttingProxy } from "./cutting-proxy.ts";
import { type System, startSystem } from "./system.ts";

/** The engine's events are only ever a hint: what they do not tell is seen by looking. */

let proxy: Awaited<ReturnType<typeof startCuttingProxy>>;
let system: System;
beforeAll(async () => {
  proxy = await startCuttingProxy(2000);
  system = await startSystem("cut-events", { DOCKER_SOCKET_PATH: proxy.socket });
  await system.eventOf("revision.promoted");
});
afterAll(async () => {
  await system?.stop();
  await proxy?.stop();
});

test("with a stream of events that is cut every 2 s, deaths are noticed at once and each is told once", async () => {
  const chat = await system.openChat();
  for (let deaths = 0; deaths < 2; deaths += 1) {
    const before = await system.newestEventId();
    const killedAt = Date.now();
    await system.killFromWithin();
    const exited = await system.eventOf("worker.exited", before);
    expect(Date.parse(exited.timestamp) - killedAt).toBeLessThan(5000);
    expect(exited.payload).toMatchObject({ class: "crash" });
    await system.eventOf("worker.ready", exited.id);
    await chat.say(`after death ${deaths}`);
    await chat.reply(`after death ${deaths}`);
  }
  const next = await system.buildWorker("next", "LABEL revision=next");
  expect(await system.lastgood("deploy", next)).toMatchObject({ exitCode: 0 });
  await chat.say("after the deploy");
  await chat.reply("after the deploy");
  const lines = (await system.lastgood("events", "--json", "-n", "10000")).stdout.trim().split("\n");
  const events = lines.map((line) => JSON.parse(line));
  for (const type of ["worker.spawned", "worker.exited"]) {
    const told = events.filter(({ event_type }) => event_type === type).map(({ payload }) => payload.instance);
    expect(told).toEqual([...new Set(told)]);
  }
  expect(events.map(({ event_type }) => event_type)).not.toContain("docker.unavailable");
  const replies = (await chat.messages()).filter(({ from }) => from.is_bot).map(({ text }) => text);
  expect(replies.filter((text) => text.includes("after the deploy"))).toHaveLength(1);
  expect(proxy.cuts()).toBeGreaterThan(2);
});
