import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat } from "./chat.ts";
import { type System, startSystem } from "./system.ts";

/** A first image that exits at once: there is nothing good yet to go back to. */

const EXITS_AT_ONCE = `CMD ["sh", "-c", "test $0 = check"]\n`;
let system: System;
let chat: Chat;
beforeAll(async () => {
  system = await startSystem(
    "first-image",
    {},
    { firstWorker: { instructions: EXITS_AT_ONCE, until: "supervisor.halted" } },
  );
  chat = await system.openChat();
});
afterAll(() => system?.stop());

test("it is tried until it is a crash loop, and then the supervisor halts", async () => {
  const halted = await system.eventOf("supervisor.halted");
  expect(halted.payload.reason).toBe("no good revision is left to go back to");
  const events = (await system.eventsSince(0)).filter(({ id }) => id <= halted.id);
  const decisive = ["deploy.", "worker.exited", "restart.", "crash_loop.", "revision.", "rollback.", "supervisor."];
  const types = events.map(({ event_type }) => event_type);
  expect(types.filter((type) => decisive.some((prefix) => type.startsWith(prefix)))).toEqual([
    "deploy.started",
    "worker.exited",
    "worker.exited",
    "restart.scheduled",
    "worker.exited",
    "crash_loop.detected",
    "revision.quarantined",
    "deploy.failed",
    "supervisor.halted",
  ]);
  expect(await system.compose("ps", "--quiet", "worker")).toBe("");
});

test("it still rejects what cannot run, and a deploy of a good revision brings the agent up", async () => {
  await chat.say("while nothing runs");
  expect(await system.lastgood("rollback")).toMatchObject({ exitCode: 1 });
  expect(await system.lastgood("deploy", "lastgood-worker:never-built")).toMatchObject({ exitCode: 1 });
  const good = await system.buildWorker("good", 'CMD ["node", "services/worker/main.ts"]');
  expect(await system.lastgood("deploy", good)).toMatchObject({ exitCode: 0 });
  expect(await system.imageOfWorker()).toBe(await system.idOf(good));
  await chat.isAnswered("after the first good one");
});
