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

const imageOfWorker = () => must("docker", ["inspect", "--format", "{{.Image}}", system.worker]);
const idOf = (image: string) => must("docker", ["image", "inspect", "--format", "{{.Id}}", image]);
async function isAnswered(text: string) {
  await chat.say(text);
  await chat.reply(text);
}

test("an unknown tag is rejected, and the running worker is not touched", async () => {
  const startedAt = () => must("docker", ["inspect", "--format", "{{.Id}} {{.State.StartedAt}}", system.worker]);
  const before = await startedAt();
  const { exitCode, stderr, stdout } = await system.lastgood("deploy", "lastgood-worker:never-built");
  expect(exitCode).toBe(1);
  expect(stdout + stderr).toContain("no image is called lastgood-worker:never-built here");
  expect((await system.eventOf("deploy.rejected")).payload).toMatchObject({ revision: "lastgood-worker:never-built" });
  expect(await startedAt()).toBe(before);
});

test("a revision that exits at once is rolled back, and the agent answers", async () => {
  const good = await imageOfWorker();
  const broken = await system.buildWorker("broken", 'CMD ["node", "-e", "process.exit(1)"]');
  const { exitCode } = await system.lastgood("deploy", broken);
  expect(exitCode).toBe(1);
  const attempted = await system.eventOf("rollback.attempted");
  expect(attempted.payload).toMatchObject({
    target_revision: "lastgood-worker:e2e",
    from_revision: broken,
    success: true,
  });
  expect((await system.eventOf("crash_loop.detected")).payload).toMatchObject({ threshold: 3, window_seconds: 60 });
  expect(await imageOfWorker()).toBe(good);
  await isAnswered("after the rollback");
});

test("a second good tag is deployed and promoted, and a rollback by hand restores the first, though its tag moved", async () => {
  const first = await imageOfWorker();
  const second = await system.buildWorker("second", "LABEL revision=second");
  expect(await system.lastgood("deploy", second)).toMatchObject({ exitCode: 0 });
  expect(await imageOfWorker()).toBe(await idOf(second));
  await isAnswered("from the second revision");

  await must("docker", ["tag", second, "lastgood-worker:e2e"]);
  expect(await system.lastgood("rollback")).toMatchObject({ exitCode: 0 });
  expect(await imageOfWorker()).toBe(first);
  await isAnswered("from the first revision again");
  await must("docker", ["tag", first, "lastgood-worker:e2e"]);
});

test("a rollback by name goes to that revision", async () => {
  expect(await system.lastgood("rollback", "lastgood-worker:e2e-second")).toMatchObject({ exitCode: 0 });
  expect(await imageOfWorker()).toBe(await idOf("lastgood-worker:e2e-second"));
});
