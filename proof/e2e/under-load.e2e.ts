import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Chat, openChat } from "./chat.ts";
import { must } from "./command.ts";
import { type System, startSystem } from "./system.ts";

/** While many people write and the model takes its time. */

const MODEL_MS = 4000;
const PATIENCE_MS = 120_000;

let system: System;
let chats: Chat[];
beforeAll(async () => {
  system = await startSystem("under-load", { LOCAL_MODEL_LATENCY_MS: String(MODEL_MS) });
  const page = `http://${await system.compose("port", "console", "8080")}`;
  chats = await Promise.all(Array.from({ length: 24 }, () => openChat(page, PATIENCE_MS)));
  await system.eventOf("revision.promoted");
});
afterAll(() => system?.stop());

const identityOfWorker = () => must("docker", ["inspect", "--format", "{{.Id}} {{.State.StartedAt}}", system.worker]);

test("a check that runs a whole worker takes no message, and all are answered by the worker that was there", async () => {
  const image = await system.buildWorker("shell-form", "CMD node services/worker/main.ts");
  const before = await system.newestEventId();
  const worker = await identityOfWorker();
  await Promise.all(chats.map((chat) => chat.say("asked while it is checked")));
  expect(await system.lastgood("deploy", image)).toMatchObject({ exitCode: 1 });
  await Promise.all(chats.map((chat) => chat.reply("asked while it is checked")));
  expect(await identityOfWorker()).toBe(worker);
  const since = await system.eventsSince(before);
  expect(since.filter(({ event_type }) => /^(process|worker)\./.test(event_type))).toEqual([]);
  const answered = since.filter(({ event_type }) => event_type === "agent.completed");
  expect(answered).toHaveLength(chats.length);
  expect(since.filter(({ event_type }) => event_type === "agent.failed")).toEqual([]);
});

test("somebody else's write lock of eight seconds costs nobody a message, and no worker its life", async () => {
  const before = await system.newestEventId();
  const worker = await identityOfWorker();
  const lock = `
    const db = new (require("better-sqlite3"))("/state/lastgood.db");
    db.exec("BEGIN IMMEDIATE");
    console.log("held");
    setTimeout(() => db.exec("COMMIT"), 8000);`;
  const stranger = [
    "run",
    "--rm",
    "--network",
    "none",
    "--user",
    "1000:1000",
    "--volume",
    `${system.project}_state:/state`,
  ];
  const held = must("docker", [...stranger, "--entrypoint", "node", system.image, "-e", lock]);
  for (const chat of chats.slice(0, 6)) await chat.say("asked while it is locked");
  await held;
  await Promise.all(chats.slice(0, 6).map((chat) => chat.reply("asked while it is locked")));
  expect(await identityOfWorker()).toBe(worker);
  expect((await system.eventsSince(before)).filter(({ event_type }) => event_type.startsWith("worker."))).toEqual([]);
});
