import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat } from "./chat.ts";
import { must, run } from "./command.ts";
import { type System, startSystem } from "./system.ts";

/** How a revision's deaths are counted, once it was ready. */

let system: System;
let chat: Chat;
beforeAll(async () => {
  system = await startSystem("probation", {
    PROBATION_SECONDS: "6",
    CRASH_THRESHOLD: "4",
    WORKER_MEMORY_MB: "192",
    LOCAL_MODEL_LATENCY_MS: "1500", // so that an answer takes longer than one death
  });
  chat = await system.openChat();
  await system.eventOf("revision.promoted");
});
afterAll(() => system?.stop());

/** The next death of a worker that is ready, after an event; resolves with its exit. */
async function diesAfter(id: number) {
  const ready = await system.eventOf("worker.ready", id);
  await system.killFromWithin();
  return system.eventOf("worker.exited", ready.id);
}

test("one death in probation is forgiven", async () => {
  const slips = await system.buildWorker("slips", "LABEL revision=slips");
  const before = await system.newestEventId();
  await system.lastgood("deploy", slips, "--no-wait");
  const started = await system.eventOf("deploy.started", before);
  const exited = await diesAfter(started.id);
  expect(exited.payload).toMatchObject({ revision: slips, class: "crash" });
  const promoted = await system.eventOf("revision.promoted", exited.id);
  expect(promoted.payload).toMatchObject({ revision: slips });
  expect(await system.imageOfWorker()).toBe(await system.idOf(slips));
  await chat.isAnswered("from the one that slipped");
});

test("a second death in probation is one too many: the last good revision answers again", async () => {
  const good = await system.imageOfWorker();
  const falls = await system.buildWorker("falls", "LABEL revision=falls");
  const before = await system.newestEventId();
  await system.lastgood("deploy", falls, "--no-wait");
  const started = await system.eventOf("deploy.started", before);
  const second = await diesAfter((await diesAfter(started.id)).id);
  const attempted = await system.eventOf("rollback.attempted", second.id);
  expect(attempted.payload).toMatchObject({
    from_revision: falls,
    reason: "a second exit in its probation: crash",
    success: true,
  });
  expect(await system.imageOfWorker()).toBe(good);
  await chat.isAnswered("after the one that fell");
});

test("a child that uses up the memory dies alone, and its death is not taken for the worker's own", async () => {
  await system.nextEvent(await system.newestEventId(), ({ event_type }) => event_type === "revision.promoted");
  const container = await must("docker", ["inspect", "--format", "{{.Id}}", system.worker]);
  const before = await system.newestEventId();
  expect((await run("docker", ["exec", system.worker, "tail", "/dev/zero"])).exitCode).toBe(137);
  await chat.isAnswered("after the death of a child");
  expect(await must("docker", ["inspect", "--format", "{{.Id}}", system.worker])).toBe(container);
  expect((await system.eventsSince(before)).map(({ event_type }) => event_type)).not.toContain("worker.exited");
  await system.killFromWithin();
  expect((await system.eventOf("worker.exited", before)).payload).toMatchObject({ class: "crash", oom: false });
});
