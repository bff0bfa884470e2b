import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Chat } from "./chat.ts";
import { must, run } from "./command.ts";
import { type System, startSystem } from "./system.ts";

/** Three good revisions, `a` and on top of it `b` and `c`, and a bad one: how far back the supervisor walks. */

let system: System;
let chat: Chat;
let a: string;
let b: string;
let c: string;
let bad: string;
beforeAll(async () => {
  system = await startSystem("walk-back", { PROBATION_SECONDS: "1" });
  chat = await system.openChat();
  await system.eventOf("revision.promoted");
  a = system.image;
  b = await system.buildWorker("b", exitsWhenTold("b"));
  c = await system.buildWorker("c", exitsWhenTold("c"));
  bad = await system.buildWorker("bad", `CMD ["sh", "-c", "test $0 = check"]`);
});
beforeEach(async () => {
  await inSupervisor("rm -f /state/exit-of-*");
  for (const revision of [b, c]) expect(await system.lastgood("deploy", revision)).toMatchObject({ exitCode: 0 });
});
afterAll(() => system?.stop());

const inSupervisor = (script: string) => must("docker", ["exec", system.supervisor, "sh", "-c", script]);
const tellToExit = (revision: "b" | "c", code: number) => inSupervisor(`echo ${code} > /state/exit-of-${revision}`);

/** The worker itself, but while it is told to exit: then only its check passes. */
function exitsWhenTold(revision: "b" | "c"): string {
  const script = `test -e /state/exit-of-${revision} && exit $(test "$1" = check || cat /state/exit-of-${revision})
    exec node services/worker/main.ts "$@"`;
  return `CMD ${JSON.stringify(["sh", "-c", script, "worker"])}`;
}

/** What was tried after an event, in order, and how it went. */
async function rollbacksSince(id: number) {
  const attempted = (await system.eventsSince(id)).filter(({ event_type }) => event_type === "rollback.attempted");
  return attempted.map(({ payload }) => [payload.target_revision, payload.success ? "is ready" : payload.error]);
}

test("a predecessor that fails as well, in another way, is passed over for the one before it", async () => {
  const before = await system.newestEventId();
  await tellToExit("c", 1);
  await tellToExit("b", 78);
  expect(await system.lastgood("deploy", bad)).toMatchObject({ exitCode: 1 });
  await system.nextEvent(before, ({ event_type, payload }) => {
    return event_type === "revision.promoted" && payload.revision === a;
  });
  expect(await rollbacksSince(before)).toEqual([
    [c, "crash before it was ready"],
    [b, "configuration before it was ready"],
    [a, "is ready"],
  ]);
  expect(await system.imageOfWorker()).toBe(await system.idOf(a));
  await chat.isAnswered("after the walk back");
});

test("predecessors that fail alike have a common cause: the supervisor halts, and a rollback by name recovers it", async () => {
  const before = await system.newestEventId();
  await tellToExit("c", 1);
  await tellToExit("b", 1);
  expect(await system.lastgood("deploy", bad)).toMatchObject({ exitCode: 1 });
  const halted = await system.eventOf("supervisor.halted", before);
  expect(halted.payload.reason).toBe("two good revisions failed alike: crash before it was ready");
  expect(await rollbacksSince(before)).toEqual([
    [c, "crash before it was ready"],
    [b, "crash before it was ready"],
  ]);
  expect(await system.compose("ps", "--quiet", "worker")).toBe("");

  await chat.say("while nothing runs");
  expect(await system.lastgood("rollback", a)).toMatchObject({ exitCode: 0 });
  await chat.reply("while nothing runs");
  expect(await system.imageOfWorker()).toBe(await system.idOf(a));
});

test("a halt is also ended by `docker compose up --build` with changed sources", async () => {
  const before = await system.newestEventId();
  await tellToExit("c", 1);
  await tellToExit("b", 1);
  await system.lastgood("deploy", bad);
  await system.eventOf("supervisor.halted", before);
  system.change("services/worker/main.ts", (text) => `${text}\n// mended\n`);
  await system.compose("up", "--detach", "--build");
  const promoted = await system.eventOf("revision.promoted", before);
  expect(promoted.payload.image_id).toBe(await system.idOf(a));
  expect(await system.imageOfWorker()).toBe(await system.idOf(a));
  await chat.isAnswered("from the mended sources");
});

test("a good image outlives its tag, as after `docker image prune -a`, and a rollback finds it by its id", async () => {
  const id = await system.idOf(b);
  await must("docker", ["image", "rm", b]);
  const lastTag = await must("docker", ["image", "inspect", "--format", '{{join .RepoTags " "}}', id]);
  const { stderr } = await run("docker", ["image", "rm", lastTag]);
  expect(stderr).toContain("is using its referenced image");

  expect(await system.lastgood("rollback")).toMatchObject({ exitCode: 0 });
  expect(await system.imageOfWorker()).toBe(id);
  await chat.isAnswered("from an image that lost its tag");
});
