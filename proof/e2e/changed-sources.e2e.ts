import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat } from "./chat.ts";
import { must } from "./command.ts";
import { type System, startSystem } from "./system.ts";

/** Whoever changes the sources brings them up with `docker compose up --build`. */

let system: System;
let chat: Chat;
beforeAll(async () => {
  system = await startSystem("changed-sources");
  chat = await system.openChat();
  await system.eventOf("revision.promoted");
});
afterAll(() => system?.stop());

async function schemaVersion(): Promise<number> {
  const ask = `new (require("better-sqlite3"))("/state/lastgood.db").pragma("user_version", { simple: true })`;
  return Number(await must("docker", ["exec", system.supervisor, "node", "-p", ask]));
}

const WORKER = "services/worker/main.ts";
const DIES_AT_START = 'throw new Error("a slip of the pen");\n';

test("a good change is taken up and promoted", async () => {
  const before = await system.newestEventId();
  system.change(WORKER, (text) => `${text}\n// changed\n`);
  await system.compose("up", "--detach", "--build");
  const started = await system.eventOf("deploy.started", before);
  expect(started.payload).toMatchObject({ image_id: await system.idOf(system.image), reason: "configured" });
  const promoted = await system.eventOf("revision.promoted", started.id);
  expect(promoted.payload.image_id).toBe(started.payload.image_id);
  expect(await system.imageOfWorker()).toBe(started.payload.image_id);
  await chat.isAnswered("from the changed sources");
});

test("an image of another generation of the schema is rejected by its own check", async () => {
  const running = await system.imageOfWorker();
  const before = await system.newestEventId();
  const older = "RUN --network=none sed -i 's/^const GENERATION = 1/const GENERATION = 0/' shared/schema.ts";
  const image = await system.buildWorker("generation", "USER root", older, "USER node");
  expect(await system.lastgood("deploy", image)).toMatchObject({ exitCode: 1 });
  const rejected = await system.eventOf("deploy.rejected", before);
  expect(rejected.payload.reason).toMatch(/^its check failed with 78: .*schema generation 1/s);
  expect(await system.imageOfWorker()).toBe(running);
  await chat.isAnswered("after the older generation");
});

test("a broken change is rolled back, and another up does not bring it back", async () => {
  const good = await system.imageOfWorker();
  const before = await system.newestEventId();
  system.change(WORKER, (text) => DIES_AT_START + text);
  await system.compose("up", "--detach", "--build");
  const attempted = await system.eventOf("rollback.attempted", before);
  expect(attempted.payload).toMatchObject({ reason: "crash before it was ready", success: true });
  expect(await system.imageOfWorker()).toBe(good);

  await system.compose("up", "--detach", "--build");
  const again = await system.eventOf("worker.spawned", attempted.id);
  expect(again.payload.image_id).toBe(good);
  await chat.isAnswered("after the broken change");
  expect((await system.eventsSince(attempted.id)).map(({ event_type }) => event_type)).not.toContain("deploy.started");
});

test("a supervisor that adds a step to the schema leaves the images from before it at work", async () => {
  const older = await system.imageOfWorker();
  const earlier = await schemaVersion();
  const before = await system.newestEventId();
  system.change("shared/schema.ts", (text) =>
    text.replace(/(const STEPS[^;]*?),?\s*\];/, '$1, "ALTER TABLE inbox ADD COLUMN later INTEGER"];'),
  );
  await system.compose("build", "supervisor");
  await system.compose("up", "--detach");
  await system.lineOf("supervisor", "process.started"); // by now it has migrated
  await system.eventOf("worker.ready", before);
  expect(await schemaVersion()).toBe(earlier + 1);
  expect(await system.imageOfWorker()).toBe(older);
  chat = await system.openChat(); // the page came up anew, on another port
  await chat.isAnswered("one step behind");
});
