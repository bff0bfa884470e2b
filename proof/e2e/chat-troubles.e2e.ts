import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { type HostSystem, startOnHost } from "./host-system.ts";
import { type Misbehaviour, type OwnPeers, startOwnPeers } from "./own-peers.ts";

/** Strangers, empty purses, a model that is down and messages that kill: real processes, local peers. */

const TOKEN = "4242:token-of-this-test";

let peers: OwnPeers;
let system: HostSystem;
afterEach(async () => {
  await system?.stop();
  await peers?.stop();
});

async function begin(settings: Readonly<Record<string, string>>, model: Misbehaviour["model"] = () => null) {
  peers = await startOwnPeers(TOKEN, { model });
  system = await startOnHost({
    ...peers.settings,
    TELEGRAM_BOT_TOKEN: TOKEN,
    OPENAI_API_KEY: "none",
    ...settings,
  });
  await system.eventOf("revision.promoted");
}

const events = (type: string) =>
  system.db
    .prepare("SELECT payload FROM events WHERE event_type = ? ORDER BY id")
    .pluck()
    .all(type)
    .map((payload) => JSON.parse(String(payload)));

test("with nobody listed, who has the code of the log is the owner, and a stranger is told once", async () => {
  await begin({});
  const stranger = peers.openChat();
  await stranger.ask("hello", /^This bot is private/);
  stranger.say("hello?");
  const owner = peers.openChat();
  await owner.ask("/pair ABCDE-FGHJK", /^That is not the pairing code/);
  const code = /\/pair (\w{5}-\w{5}) /.exec(system.log.join("\n"))?.[1];
  await owner.ask(`/pair ${code}`, /^This chat is the owner's now/);
  await owner.ask("hello", /You wrote: “hello”/);
  expect((await owner.ask("/help", /^\//)).text).toContain("/deploy");
  expect(stranger.said()).toEqual(["This bot is private: it answers its owner's chats alone."]);
  await owner.ask("/unpair", /^Unpaired/);
  await owner.ask("hello again", /^This bot is private/);
});

test("the day's budget is a hard cap; the owner is told on the way, and can add a dollar", async () => {
  const prices = join(tmpdir(), `lastgood-prices-${process.pid}.json`);
  const usd_per_million_tokens = { local: { input: 1000, cached_input: 1000, output: 1000 } };
  writeFileSync(prices, JSON.stringify({ version: "test", usd_per_million_tokens }));
  const budget = { DAILY_BUDGET_USD: "1.5", MODEL_PRICES_FILE: prices, MAX_ANSWER_TOKENS: "256" };
  await begin({ ...budget, TELEGRAM_ALLOWED_CHATS: "*", TELEGRAM_OWNER_CHAT: "*" });
  rmSync(prices);
  const chat = peers.openChat();
  let failed = null;
  for (let count = 1; failed === null; count += 1) {
    const answer = await chat.ask(`question ${count}`, new RegExp(`“question ${count}”|budget for the model is spent`));
    if (answer.text.includes("is spent")) failed = answer;
  }
  const full = await chat.reply(/^Today's budget is used up: \$\d\.\d\d of \$1\.50, /);
  chat.press(full, "Add $1 for today");
  await chat.reply(/is a dollar higher/);
  chat.press(failed, "Retry");
  await chat.reply(/You wrote/, failed.messageId);
  const spent = events("turn.completed").reduce((sum, { cost_usd }) => sum + cost_usd, 0);
  expect(spent).toBeLessThanOrEqual(2.5);
  expect(events("budget.noticed").map(({ percent }) => percent)).toContain(100);
});

test("while the model is down messages are tried again, its circuit opens, and commands are answered", async () => {
  let isDown = true;
  await begin({ TELEGRAM_ALLOWED_CHATS: "*", MAX_RETRIES: "1" }, (_body, c) =>
    isDown ? c.json({ error: { message: "down", code: "server_error" } }, 503) : null,
  );
  const chats = Array.from({ length: 5 }, () => peers.openChat());
  for (const chat of chats) chat.say("hello");
  expect((await system.eventOf("circuit.opened")).payload).toMatchObject({ upstream: "local", reason: "overloaded" });
  expect(events("retry.scheduled")[0]).toMatchObject({ retry: 1, error_class: "overloaded" });
  for (const chat of chats) expect((await chat.ask("/status", /has run/)).text).toContain("wait");
  isDown = false;
  await chats[0]?.ask("/stop", /^Stopped/);
});

test("a message that crashes the worker runs alone, is set aside and its chat told; the others are answered", async () => {
  await begin({ TELEGRAM_ALLOWED_CHATS: "*" }, (body) => {
    if (/brings it down[^"]*"\}\]/.test(body)) process.kill(events("worker.spawned").at(-1).pid, "SIGSEGV");
    return null;
  });
  const [victim, other] = [peers.openChat(), peers.openChat()];
  other.say("slowly say 10 words");
  await other.reply(/^(…|word1\b)/);
  victim.say("this brings it down");
  victim.say("and this does not");
  await other.reply(/word10$/);
  const told = await victim.reply(/the agent crashed while it worked on this and nothing else/);
  await victim.reply(/You wrote: “and this does not”/, told.messageId);
  expect(events("message.set_aside")).toHaveLength(1);
  expect(events("worker.exited").map(({ class: kind }) => kind)).toEqual(["crash", "crash"]);
});
