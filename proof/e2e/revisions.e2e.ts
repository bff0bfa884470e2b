import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat } from "./chat.ts";
import { must } from "./command.ts";
import { type System, startSystem } from "./system.ts";

let system: System;
let chat: Chat;
beforeAll(async () => {
  system = await startSystem("revisions");
  chat = await system.openChat();
  await system.eventOf("revision.promoted");
});
afterAll(() => system?.stop());

const identityOfWorker = () => must("docker", ["inspect", "--format", "{{.Id}} {{.State.StartedAt}}", system.worker]);
/** Passes its check and dies at its start. */
const DIES_AT_START = `CMD ["node", "-e", "process.exit(process.argv.includes('check') ? 0 : 1)"]`;

test("an unknown tag is rejected, and the running worker is not touched", async () => {
  const before = await identityOfWorker();
  const { exitCode, stderr, stdout } = await system.lastgood("deploy", "lastgood-worker:never-built");
  expect(exitCode).toBe(1);
  expect(stdout + stderr).toContain("no image is called lastgood-worker:never-built here");
  expect((await system.eventOf("deploy.rejected")).payload).toMatchObject({ revision: "lastgood-worker:never-built" });
  expect(await identityOfWorker()).toBe(before);
});

test("a revision whose check fails is rejected with what it said, and the running worker is not touched", async () => {
  const before = await identityOfWorker();
  const broken = await system.buildWorker(
    "no-check",
    `CMD ["node", "-e", "console.log('no such library'); process.exit(1)"]`,
  );
  expect(await system.lastgood("deploy", broken)).toMatchObject({ exitCode: 1 });
  const rejected = await system.nextEvent(0, ({ payload }) => payload.revision === broken);
  await system.nextEvent(rejected.id, ({ event_type, payload }) => {
    return event_type === "deploy.rejected" && payload.reason === "its check failed with 1: no such library";
  });
  expect(await identityOfWorker()).toBe(before);
});

test("a revision that exits at once is rolled back, and the agent answers", async () => {
  const good = await system.imageOfWorker();
  const broken = await system.buildWorker("broken", DIES_AT_START);
  const { exitCode } = await system.lastgood("deploy", broken);
  expect(exitCode).toBe(1);
  const attempted = await system.eventOf("rollback.attempted");
  expect(attempted.payload).toMatchObject({
    target_revision: system.image,
    from_revision: broken,
    reason: "crash before it was ready",
    success: true,
  });
  expect(await system.imageOfWorker()).toBe(good);
  await chat.isAnswered("after the rollback");
  const told = await chat.reply(`Rolled back from ${broken} to ${system.image}`);
  expect(told.text).toContain("Reason: crash before it was ready");
});

test("an image without its entrypoint is rejected", async () => {
  const before = await identityOfWorker();
  const missing = await system.buildWorker("missing", 'ENTRYPOINT ["/nowhere"]');
  expect(await system.lastgood("deploy", missing)).toMatchObject({ exitCode: 1 });
  expect(await identityOfWorker()).toBe(before);
});

test("a promoted revision that dies three times soon after it was ready is rolled back to the one before", async () => {
  const second = await system.buildWorker("fragile", "LABEL revision=fragile");
  const good = await system.imageOfWorker();
  expect(await system.lastgood("deploy", second)).toMatchObject({ exitCode: 0 });
  for (let deaths = 0, after = await system.newestEventId(); deaths < 3; deaths += 1) {
    if (deaths > 0) await system.eventOf("worker.ready", after);
    await system.killFromWithin();
    after = (await system.eventOf("worker.exited", after)).id;
  }
  const detected = await system.eventOf("crash_loop.detected");
  expect(detected.payload).toMatchObject({ threshold: 3, window_seconds: 60, revision: second });
  await system.eventOf("worker.ready", detected.id);
  expect(await system.imageOfWorker()).toBe(good);
  await chat.isAnswered("after the crash loop");
});

test("a second good tag is deployed and promoted, and a rollback by hand restores the first, though its tag moved", async () => {
  const first = await system.imageOfWorker();
  const second = await system.buildWorker("second", "LABEL revision=second");
  expect(await system.lastgood("deploy", second)).toMatchObject({ exitCode: 0 });
  expect(await system.imageOfWorker()).toBe(await system.idOf(second));
  await chat.isAnswered("from the second revision");

  await must("docker", ["tag", second, system.image]);
  expect(await system.lastgood("rollback")).toMatchObject({ exitCode: 0 });
  expect(await system.imageOfWorker()).toBe(first);
  await chat.isAnswered("from the first revision again");
  await must("docker", ["tag", first, system.image]);
});

test("a rollback by name goes to that revision", async () => {
  expect(await system.lastgood("rollback", `${system.image}-second`)).toMatchObject({ exitCode: 0 });
  expect(await system.imageOfWorker()).toBe(await system.idOf(`${system.image}-second`));
});
