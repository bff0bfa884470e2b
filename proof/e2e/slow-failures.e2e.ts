import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat } from "./chat.ts";
import { type System, startSystem } from "./system.ts";

/** Revisions that do not die, and are no good: they never get ready, or they hang. */

let system: System;
let chat: Chat;
beforeAll(async () => {
  system = await startSystem("slow", { READY_TIMEOUT_SECONDS: "30", HANG_SECONDS: "10", STOP_GRACE_SECONDS: "5" });
  chat = await system.openChat();
  await system.eventOf("revision.promoted");
});
afterAll(() => system?.stop());

/** Passes its check; without it, runs this instead of the worker. */
const instead = (code: string) => `CMD ["node", "-e", "process.argv.includes('check') || (() => { ${code} })()"]`;

test("a revision that runs and never gets ready is rolled back, though it ignores SIGTERM", async () => {
  const deaf = await system.buildWorker(
    "deaf",
    instead("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"),
  );
  expect(await system.lastgood("deploy", deaf)).toMatchObject({ exitCode: 1 });
  const exited = await system.nextEvent(0, ({ payload }) => payload.class === "never ready");
  expect(exited.payload).toMatchObject({ revision: deaf, signal: "SIGKILL" });
  await chat.isAnswered("after the one that never got ready");
});

test("a worker whose event loop is blocked is a hang: killed and started again", async () => {
  const blocks = 'import("node:timers").then(({ setTimeout }) => setTimeout(() => { for (;;); }, 12_000))';
  const encoded = Buffer.from(blocks).toString("base64");
  const blocked = await system.buildWorker(
    "blocked",
    `ENV NODE_OPTIONS="--import=data:text/javascript;base64,${encoded}"`,
  );
  const before = await system.newestEventId();
  await system.lastgood("deploy", blocked, "--no-wait");
  const hung = await system.nextEvent(before, ({ payload }) => payload.class === "hang");
  expect(hung.payload).toMatchObject({ revision: blocked });
  const again = await system.eventOf("worker.spawned", hung.id);
  expect(again.payload).toMatchObject({ revision: blocked });
  const gone = await system.eventOf("rollback.attempted", again.id);
  expect(gone.payload).toMatchObject({ target_revision: system.image, from_revision: blocked, success: true });
  await chat.isAnswered("after the hangs");
});

test("a worker that uses up its memory is told apart from one that was killed", async () => {
  const greedy = await system.buildWorker(
    "greedy",
    instead("const kept = []; for (;;) kept.push(Buffer.alloc(1 << 24, 1))"),
  );
  expect(await system.lastgood("deploy", greedy)).toMatchObject({ exitCode: 1 });
  const exited = await system.nextEvent(0, ({ payload }) => payload.class === "out of memory");
  expect(exited.payload).toMatchObject({ revision: greedy, oom: true });
  await chat.isAnswered("after the greedy one");
});
