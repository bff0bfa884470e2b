import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat } from "./chat.ts";
import { must } from "./command.ts";
import { type SeenEvent, type System, startSystem } from "./system.ts";

let system: System;
let chat: Chat;
beforeAll(async () => {
  system = await startSystem("message", { AGENT_OPERATOR_KEY: "s3cret-of-the-operator" });
  chat = await system.openChat();
});
afterAll(() => system?.stop());

/** The whole tree of an attempt at a message, by its update id, once it has ended. */
async function treeOf(updateId: number): Promise<SeenEvent[]> {
  const tree: SeenEvent[] = [];
  await system.nextEvent(0, (event) => {
    const isRoot = event.event_type === "agent.started" && event.payload.update_id === updateId;
    if (isRoot || tree.some(({ id }) => id === event.parent_id)) tree.push(event);
    return event.event_type === "agent.completed" && tree.some(({ id }) => id === event.parent_id);
  });
  return tree;
}

test("a message in is a reply out, and its events stand in order, each under its parent", async () => {
  const updateId = await chat.say("hello from outside");
  await chat.reply("hello from outside");

  const worker = await system.nextEvent(0, ({ event_type, payload }) => {
    return event_type === "process.started" && payload.role === "worker";
  });
  const tree = await treeOf(updateId);
  expect(tree.map(({ event_type }) => event_type)).toEqual([
    "agent.started",
    "context.assembled",
    "turn.started",
    "turn.completed",
    "reply.sending",
    "reply.sent",
    "agent.completed",
  ]);
  const [root, ...below] = tree;
  expect(root).toMatchObject({ parent_id: null, payload: { chat_id: chat.id, process_id: worker.id, attempt: 1 } });
  expect(below.map(({ parent_id }) => parent_id)).toEqual(below.map(() => root?.id));
  expect(tree[3]?.payload).toEqual({
    model: "local",
    latency_ms: expect.any(Number),
    input_tokens: expect.any(Number),
    cached_tokens: null,
    output_tokens: expect.any(Number),
    finish_reason: "stop",
    cost_usd: 0,
  });
  expect(tree[4]?.payload).toMatchObject({ chat_id: chat.id, part: 1, parts: 1 });
});

test("the worker hangs under the supervisor that started it", async () => {
  const supervisor = await system.eventOf("process.started");
  const spawned = await system.eventOf("worker.spawned");
  const id = await must("docker", ["inspect", "--format", "{{.Id}} {{.Image}}", system.worker]);
  expect(supervisor).toMatchObject({ parent_id: null, payload: { role: "supervisor" } });
  expect(spawned.parent_id).toBe(supervisor.id);
  expect(`${spawned.payload.container_id} ${spawned.payload.image_id}`).toBe(id);
});

test("a killed worker is replaced at once, and everything that was said is answered in order", async () => {
  const questions = Array.from({ length: 10 }, (_, index) => `question ${index} of the killing`);
  for (const [index, question] of questions.entries()) {
    await chat.say(question);
    if (index === 4) await must("docker", ["kill", system.worker]);
  }
  await chat.reply("question 9 of the killing");
  const replies = (await chat.messages()).filter(({ from, text }) => from.is_bot && text.includes("of the killing"));
  const answered = replies.map(({ text }) => questions.findIndex((question) => text.includes(question)));
  // One whose answer was lost with the worker may come twice, and then is marked in the log.
  expect(answered.filter((question, index) => question !== answered[index - 1])).toEqual(
    questions.map((_, index) => index),
  );
  expect((await system.eventOf("worker.exited")).payload).toMatchObject({
    class: "stopped from outside",
    signal: "SIGKILL",
  });
});

test("a supervisor that was killed adopts the running worker", async () => {
  const container = await must("docker", ["inspect", "--format", "{{.Id}} {{.State.StartedAt}}", system.worker]);
  const before = await system.eventOf("process.started");
  await must("docker", ["kill", system.supervisor]);
  await chat.say("nobody watches over me");
  await chat.reply("nobody watches over me");
  await must("docker", ["start", system.supervisor]);
  await system.nextEvent(before.id, ({ event_type, payload }) => {
    return event_type === "process.started" && payload.role === "supervisor";
  });
  // A deploy is answered after the first look at the engine, so by now the worker would have been replaced.
  await system.lastgood("deploy", "lastgood-worker:never-built");
  expect(await must("docker", ["inspect", "--format", "{{.Id}} {{.State.StartedAt}}", system.worker])).toBe(container);
});

test("the operator's variables reach the worker, and no event and no log line holds their values", async () => {
  const environment = await must("docker", ["exec", system.worker, "printenv", "AGENT_OPERATOR_KEY"]);
  expect(environment).toBe("s3cret-of-the-operator");
  const { stdout: events } = await system.lastgood("events", "--json", "-n", "10000");
  const logs = await system.compose("logs");
  expect(events).toContain("process.started");
  expect(logs).toContain("worker.spawned");
  expect(events + logs).not.toContain("s3cret-of-the-operator");
});

test("the worker is not root, cannot write beside its volume, and has no way to the engine", async () => {
  const inside = (...command: string[]) => must("docker", ["exec", system.worker, ...command]);
  expect(await inside("id", "-u")).toBe("1000");
  await expect(inside("touch", "/app/x")).rejects.toThrow(/Read-only file system/);
  await expect(inside("ls", "/var/run/docker.sock")).rejects.toThrow(/No such file/);
  expect(await inside("grep", "CapEff", "/proc/self/status")).toMatch(/0000000000000000$/);
});

test("each image adds at most 100 MB to its base", async () => {
  const sizeOf = async (image: string) =>
    Number(await must("docker", ["image", "inspect", "--format", "{{.Size}}", image]));
  const base = await sizeOf("node:24-bookworm-slim");
  for (const image of ["lastgood-worker:message", "lastgood-supervisor:message"]) {
    expect((await sizeOf(image)) - base).toBeLessThanOrEqual(100_000_000);
  }
});
