import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat } from "./chat.ts";
import { type System, startSystem } from "./system.ts";

/** A deploy that is asked for in the chat: whoever was asked is stopped for it, and the next worker tells its outcome. */

let system: System;
let chat: Chat;
beforeAll(async () => {
  system = await startSystem("chat-deploy");
  chat = await system.openChat();
  await system.eventOf("revision.promoted");
});
afterAll(() => system?.stop());

/** Asks for a deploy and confirms it; resolves with the request, and the worker that took it. */
async function askFor(image: string) {
  const before = await system.newestEventId();
  await chat.say(`/deploy ${image}`);
  await chat.press(await chat.reply(`Deploy ${image}?`), "Deploy");
  const requested = await system.eventOf("deploy.requested", before);
  await chat.reply(`Asked for, as request ${requested.id}.`);
  return requested;
}

/** The instance of the worker that told the chat about a request. */
async function tellerOf(requestId: number): Promise<unknown> {
  const isAbout = ({ event_type, payload }: { event_type: string; payload: Readonly<Record<string, unknown>> }) =>
    event_type === "operator.told" && payload.about === requestId;
  const told = await system.nextEvent(requestId, isAbout);
  const process = await system.nextEvent(0, ({ id }) => id === told.parent_id);
  return process.payload.instance;
}

/** The instance of the newest worker, and its revision. */
async function newestWorker() {
  const { stdout } = await system.lastgood("status", "--json");
  const { instance, revision } = JSON.parse(stdout).worker;
  return { instance, revision };
}

test("a good image is deployed, and its own worker tells the chat that it is promoted", async () => {
  const good = await system.buildWorker("good", "LABEL revision=good");
  const { id, payload } = await askFor(good);
  expect(payload).toEqual({ by: String(chat.id), from: "chat", revision: good });
  await chat.reply(`done: ${good} is promoted`);
  expect(await newestWorker()).toEqual({ instance: await tellerOf(id), revision: good });
});

test("an image that dies at its start is rolled back, and the worker that is back tells why", async () => {
  const { revision } = await newestWorker();
  const dies = `CMD ["node", "-e", "process.exit(process.argv.includes('check') ? 0 : 1)"]`;
  const bad = await system.buildWorker("bad", dies);
  const { id } = await askFor(bad);
  const told = await chat.reply("the deploy failed: crash before it was ready");
  expect(told.text).toContain(`went back to ${revision}, which runs now`);
  expect(await newestWorker()).toEqual({ instance: await tellerOf(id), revision });
});

test("an image that there is not is rejected, and the worker that runs tells it", async () => {
  const before = await newestWorker();
  const { id } = await askFor("lastgood-worker:never-built");
  await chat.reply("the deploy was rejected:");
  expect(await newestWorker()).toEqual({ ...before, instance: await tellerOf(id) });
});

test("a check that fails at length is told of, however many parts that takes", async () => {
  const line = `echo ${"why it fails ".repeat(38).slice(0, 490)}`;
  const script = `if [ "$1" = check ]; then ${Array(10).fill(line).join("; ")}; exit 1; fi`;
  const image = await system.buildWorker("wordy", `CMD ${JSON.stringify(["sh", "-c", script, "worker"])}`);
  const before = await newestWorker();
  const { id } = await askFor(image);
  await chat.reply("its check failed with 1: why it fails");
  expect(await newestWorker()).toEqual({ ...before, instance: await tellerOf(id) });
});
