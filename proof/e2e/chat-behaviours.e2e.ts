import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type HostSystem, startOnHost } from "./host-system.ts";
import { type OwnPeers, startOwnPeers } from "./own-peers.ts";

/** What a person sees of the worker: real processes against the local Telegram and model. */

const TOKEN = "4242:token-of-this-test";

let peers: OwnPeers;
let system: HostSystem;
beforeAll(async () => {
  peers = await startOwnPeers(TOKEN);
  system = await startOnHost({
    ...peers.settings,
    TELEGRAM_BOT_TOKEN: TOKEN,
    TELEGRAM_ALLOWED_CHATS: "*",
    TELEGRAM_OWNER_CHAT: "*",
    OPENAI_API_KEY: "none",
    MAX_WALL_SECONDS: "4",
  });
  await system.eventOf("revision.promoted");
});
afterAll(async () => {
  await system?.stop();
  await peers?.stop();
});

test("the commands say what runs, what waits, what there is and what an answer took", async () => {
  const chat = peers.openChat();
  expect((await chat.ask("/start", /./)).text).toMatch(/^Write to me, and I answer\.[\s\S]*\n\/help – /);
  expect((await chat.ask("/help", /^\//)).text).toMatch(/\/stop – [\s\S]*\n\/deploy – /);
  expect((await chat.ask("/status", /has run/)).text).toMatch(
    /^host has run for .*\nNo message waits\.\nLast good: host/,
  );
  const answer = await chat.ask("how are you?", /You wrote: “how are you\?”/);
  await chat.ask("and now?", /You wrote: “and now\?”/);
  const why = await chat.ask("/why", /^Message \d+: done/, answer.messageId);
  expect(why.text).toMatch(
    /\nAttempts: 1 [\s\S]*\nTurns: 1 of local[\s\S]*\nTools: none\nTokens: \d+ in[\s\S]*\nSends: 1\n/,
  );
  expect(why.text.split("\n").length).toBeLessThanOrEqual(10);
  expect((await chat.ask("/nothing", /./)).text).toBe("I do not know that command. /help lists what I can do.");
});

test("/new leaves out what was said before, and recall finds it all the same", async () => {
  const chat = peers.openChat();
  await chat.ask("my cat is called Felicity", /saw 2 messages/);
  await chat.ask("hello", /saw 4 messages/);
  await chat.ask("/new", /new conversation/);
  await chat.ask("hello", /saw 2 messages/);
  await chat.ask("recall Felicity", /The tool answered: “\d{4}-\d\d-\d\d .*my cat is called Felicity/s);
  await chat.ask("what time is it?", /The tool answered: “.* 20\d\d at .* UTC/);
});

test("/pause keeps what is written, and /resume has it answered, in order", async () => {
  const chat = peers.openChat();
  await chat.ask("/pause", /^Paused/);
  chat.say("first");
  chat.say("second");
  expect((await chat.ask("/status", /paused/)).text).toContain("This chat is paused");
  expect(chat.said().filter((text) => text.startsWith("You wrote"))).toEqual([]);
  await chat.ask("/resume", /^Resumed/);
  await chat.reply(/You wrote: “second”/);
  expect(chat.said().filter((text) => text.startsWith("You wrote"))).toEqual([
    expect.stringContaining("first"),
    expect.stringContaining("second"),
  ]);
});

test("an answer is seen as it is written; /stop ends it within a second, and its button has it tried again", async () => {
  const chat = peers.openChat();
  chat.say("slowly say 20 words");
  const draft = await chat.reply(/^(word1 .*|…)$/);
  await chat.reply(/word5\b/);
  const askedAt = performance.now();
  const stopped = await chat.ask("/stop", /^Stopped/);
  expect(performance.now() - askedAt).toBeLessThan(1000);
  const ended = await system.eventOf("agent.failed", ({ payload }) => payload?.error_class === "stopped");
  expect(ended.payload).toMatchObject({ error: "stopped" });
  const shownLast = await chat.reply(/^word1 .*\n\n\(You stopped it here\.\)$/);
  expect(shownLast.messageId).toBe(draft.messageId);
  chat.press(stopped, "Retry");
  await chat.reply(/^I am trying it again/);
  await chat.reply(/^word1 .* word20$/);
  const shownOf = peers.calls.filter(({ method, text }) => method === "editmessagetext" && text.startsWith("word1 "));
  expect(shownOf.length).toBeGreaterThan(2);
  expect(await chat.ask("/stop", /./)).toMatchObject({ text: "I am not working on anything here." });
});

test("a long answer comes in parts, with its code blocks closed in each", async () => {
  const chat = peers.openChat();
  peers.answerNextWith(`Begin.\n\n\`\`\`ts\n${"const line = 1;\n".repeat(600)}\`\`\`\n\nThe end.`);
  await chat.ask("write it out", /The end\.$/);
  const parts = chat.messages();
  expect(parts.length).toBe(3);
  for (const { text, entities } of parts) {
    expect(text.length).toBeLessThanOrEqual(4096);
    expect(text).not.toContain("```");
    expect(entities).toMatchObject([{ type: "pre", language: "ts" }]);
  }
});

test("an answer that is hard to read as Markdown keeps no other chat waiting", async () => {
  const [slow, other] = [peers.openChat(), peers.openChat()];
  peers.answerNextWith("h<**".repeat(6000));
  slow.say("write it out");
  await slow.reply(/^h<\*\*/);
  const askedAt = performance.now();
  await other.ask("and me?", /You wrote: “and me\?”/);
  expect(performance.now() - askedAt).toBeLessThan(3000);
  expect(
    slow
      .messages()
      .map(({ text }) => text)
      .join(""),
  ).toContain("h<**".repeat(1000));
});

test("an answer that takes longer than it may ends with what there is of it, and says so", async () => {
  const chat = peers.openChat();
  await chat.ask("slowly say 60 words", /^word1 .*\n\n\(It ends here: it took more time than one message may\./s);
  await chat.ask("hello", /You wrote: “hello”/);
});

test("a deploy is asked back, and what becomes of it comes into the chat", async () => {
  const chat = peers.openChat();
  const asked = await chat.ask("/deploy lastgood-worker:next", /^Deploy lastgood-worker:next\?$/);
  chat.press(asked, "Deploy");
  const begun = await chat.reply(/^Asked for, as request \d+/);
  await chat.reply(/lastgood-worker:next.*without an engine/s, begun.messageId);
  chat.press(await chat.ask("/rollback", /^Roll back to the previous good revision\?$/), "Cancel");
  await chat.reply(/^Cancelled/);
});
