import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listen } from "../../../services/console/listen.ts";
import { createLocalServer } from "../../../services/console/local/local-server.ts";
import { createLocalTelegram, type LocalTelegram } from "../../../services/console/local/telegram/local-telegram.ts";
import { systemClock } from "../../../shared/clock.ts";
import { openDatabase } from "../../../shared/database.ts";
import { LOCAL_BOT_TOKEN } from "../../../shared/local-peers.ts";
import { silentLogger } from "../../../shared/logging.ts";

/** The local Telegram and model in a process of their own, and the people: what they do is ordered by IPC. */

export type Order =
  | { readonly kind: "listen"; readonly latencyMs: number }
  /** So many messages at once, spread over the chats. */
  | { readonly kind: "load"; readonly messages: number; readonly chats: number }
  /** So many messages, each sent when the one before it was answered. */
  | { readonly kind: "one by one"; readonly messages: number };

export type Reply = { readonly url: string } | { readonly ms: number } | { readonly each: readonly number[] };

const NEVER = new AbortController().signal;
const directory = mkdtempSync(join(tmpdir(), "lastgood-bench-"));
const db = openDatabase(join(directory, "local-telegram.db"));
const telegram = createLocalTelegram({ db, clock: systemClock }, { token: LOCAL_BOT_TOKEN });

let onAnswer = () => {};

async function carryOut(order: Order): Promise<Reply> {
  if (order.kind === "listen") return { url: await serve(order.latencyMs) };
  if (order.kind === "load") return { ms: await load(order.messages, order.chats) };
  return { each: await oneByOne(order.messages) };
}

async function serve(latencyMs: number): Promise<string> {
  const counted: LocalTelegram["answer"] = async (method, parameters, signal) => {
    const answer = await telegram.answer(method, parameters, signal);
    if (method === "sendMessage" && answer.ok) onAnswer();
    return answer;
  };
  const ports = { telegram: { ...telegram, answer: counted }, clock: systemClock, logger: silentLogger };
  const settings = { token: LOCAL_BOT_TOKEN, latencyMs };
  const place = { host: { setting: "HOST", value: "127.0.0.1" }, port: { setting: "PORT", value: 0 } };
  return `http://127.0.0.1:${(await listen(createLocalServer(ports, settings, NEVER), place)).port}`;
}

async function load(messages: number, chats: number): Promise<number> {
  const ids = Array.from({ length: chats }, () => telegram.person.startChat());
  for (let number = 0; number < messages; number += 1) {
    telegram.person.send(ids[number % chats] ?? 0, `Message ${number}: how are you?`);
  }
  const startedAt = performance.now(); // the bot, too, has seen nothing yet: this thread was busy
  await answered(messages);
  return performance.now() - startedAt;
}

async function oneByOne(messages: number): Promise<number[]> {
  const chatId = telegram.person.startChat();
  const each: number[] = [];
  for (let number = 0; number < messages; number += 1) {
    const startedAt = performance.now();
    const answer = answered(1);
    telegram.person.send(chatId, `Message ${number}: how are you?`);
    await answer;
    each.push(performance.now() - startedAt);
  }
  return each;
}

function answered(count: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = count;
  onAnswer = () => {
    left -= 1;
    if (left === 0) resolve();
  };
  return promise;
}

process.on("message", (order: Order) => void carryOut(order).then((reply) => process.send?.(reply)));
process.once("disconnect", () => {
  db.close();
  rmSync(directory, { recursive: true });
  process.exit();
});
