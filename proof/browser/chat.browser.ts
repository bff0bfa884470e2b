import { afterAll, afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { exampleLog, HOSTILE } from "./example-log.ts";
import { closeBrowser, type Visit, visit } from "./visit.ts";

let visited: Visit;
let chat: number;
beforeEach(async () => {
  visited = await visit();
  await visited.page.goto(`${visited.address}/chat`);
  await visited.page.waitForURL(/chat=\d+/);
  chat = Number(new URL(visited.page.url()).searchParams.get("chat"));
});
afterEach(() => visited.end());
afterAll(closeBrowser);

const input = () => visited.page.getByLabel("Message", { exact: true });
const bubbles = () => visited.page.locator(".message .text");
const own = () => visited.page.locator(".message.own .text");
const answer = async (text: string, more: object = {}) =>
  (await visited.bot("sendMessage", { chat_id: chat, text, ...more })).result.message_id as number;
const edit = (messageId: number, text: string, more: object = {}) =>
  visited.bot("editMessageText", { chat_id: chat, message_id: messageId, text, ...more });
const inFocus = () => visited.page.evaluate("document.activeElement.id || document.activeElement.textContent");

const WITHIN_MS = 200;

test("what a person writes reaches the agent, and its answer is seen to grow in one message", async () => {
  await input().fill("How are you?");
  await visited.page.keyboard.press("Enter");
  await own().getByText("How are you?").waitFor();
  expect(await input().inputValue()).toBe("");
  const { result } = await visited.bot("getUpdates");
  expect(result).toMatchObject([{ message: { text: "How are you?", chat: { id: chat } } }]);

  const typing = visited.seen("typing…");
  await visited.bot("sendChatAction", { chat_id: chat, action: "typing" });
  await typing;
  const id = await answer("I");
  const taken: number[] = [];
  for (const text of [
    "I am",
    "I am quite",
    "I am quite well.",
    "I am quite well. Thank you.",
    "I am quite well. And you?",
  ]) {
    const seen = visited.seen(text);
    const edited = Date.now();
    await edit(id, text);
    taken.push((await seen) - edited);
  }
  expect(taken.sort((one, other) => one - other)[2]).toBeLessThan(WITHIN_MS);
  expect(await bubbles().allTextContents()).toEqual(["How are you?", "I am quite well. And you?"]);
  expect(await visited.page.locator(".message.bot time").textContent()).toMatch(/^edited /);
  await visited.bot("deleteMessage", { chat_id: chat, message_id: id });
  await bubbles().getByText("And you?").waitFor({ state: "detached" });
  expect(await visited.seriousProblems()).toEqual([]);
});

test("a button of the agent's is pressed with the keyboard, answered with a notice, and gone once it is taken away", async () => {
  const keyboard = { inline_keyboard: [[{ text: "Try again", callback_data: "again:7" }]] };
  const id = await answer("It failed.", { reply_markup: keyboard });
  await visited.page.getByRole("button", { name: "Try again" }).waitFor();
  expect(await visited.seriousProblems()).toEqual([]);
  await visited.page.getByRole("button", { name: "Try again" }).focus();
  const pressed = visited.bot("getUpdates", { timeout: 20 });
  await visited.page.keyboard.press("Enter");
  const query = (await pressed).result[0].callback_query;
  expect(query).toMatchObject({ data: "again:7", message: { message_id: id } });
  const notice = visited.seen("Tried again");
  await visited.bot("answerCallbackQuery", { callback_query_id: query.id, text: "Tried again" });
  await notice;
  await edit(id, "It is tried again.");
  await bubbles().getByText("It is tried again.").waitFor();
  expect(await visited.page.getByRole("button", { name: "Try again" }).count()).toBe(0);
});

test("a long chat opens at its end, goes back page by page to its beginning, and stays where it is read", async () => {
  for (let number = 1; number <= 450; number++) await answer(`message ${number}`);
  await visited.page.reload();
  await bubbles().getByText("message 450", { exact: true }).waitFor();
  await visited.page.waitForFunction("log.scrollHeight - log.scrollTop - log.clientHeight < 2");
  expect(await bubbles().count()).toBe(200);
  for (const first of [51, 1]) {
    await visited.page.getByRole("button", { name: "Earlier messages" }).press("Enter");
    await bubbles().getByText(`message ${first}`, { exact: true }).waitFor();
  }
  await visited.page.getByRole("button", { name: "Earlier messages" }).waitFor({ state: "hidden" });
  expect(await bubbles().count()).toBe(450);
  await visited.page.evaluate("log.scrollTop = 0");
  await visited.page.waitForFunction("log.scrollTop === 0");
  const latest = visited.page.getByRole("button", { name: "Latest messages" });
  await answer("message 451");
  await latest.waitFor();
  expect(await visited.page.evaluate("log.scrollTop")).toBe(0);
  await latest.press("Enter");
  await visited.page.waitForFunction("log.scrollHeight - log.scrollTop - log.clientHeight < 2");
});

test("chats are begun and changed with the keyboard, and the browser's way back leads back", async () => {
  await answer("in the first");
  await visited.page.getByText("in the first").first().waitFor();
  await visited.tabTo("New chat");
  await visited.page.keyboard.press("Enter");
  await visited.page.getByRole("heading", { name: "Write to the agent" }).waitFor();
  await input().fill("in the second");
  await visited.page.keyboard.press("Enter");
  await own().getByText("in the second").waitFor();
  await visited.page.goBack();
  await bubbles().getByText("in the first").waitFor();
  expect(await own().count()).toBe(0);
  await visited.page.getByRole("link", { name: /in the second/ }).press("Enter");
  await own().getByText("in the second").waitFor();
});

test("markup, right-to-left letters and emoji are text; a megabyte does not hold up the page, and is not sent", async () => {
  await input().fill(HOSTILE);
  await visited.page.keyboard.press("Enter");
  await own().getByText("<script>").waitFor();
  await answer(`${HOSTILE}${"😀".repeat(1_900)}`);
  await answer("Donaudampfschifffahrtsgesellschaft".repeat(100));
  await visited.page.waitForFunction("document.querySelectorAll('.message').length === 3");
  expect(await own().textContent()).toBe(HOSTILE);
  expect(await visited.page.title()).toBe("Chat · Lastgood");
  expect(await visited.page.locator(".messages img, .messages script").count()).toBe(0);
  expect(await visited.seriousProblems()).toEqual([]);
  for (const width of [390, 1280]) {
    await visited.page.setViewportSize({ width, height: 800 });
    expect(await visited.page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
    expect(await visited.page.evaluate("log.scrollWidth - log.clientWidth")).toBe(0);
  }
  visited.forgive("400");
  await input().focus();
  await visited.page.keyboard.insertText("<b>🎉".repeat(209_716));
  await visited.page.getByText("characters too long").waitFor();
  const kept = await input().inputValue();
  await visited.page.keyboard.press("Enter");
  await visited.page.getByRole("alert").getByText("must not be longer than 4096").waitFor();
  expect(await input().inputValue()).toBe(kept);
  expect(await own().count()).toBe(1);
});

test("a command is completed, a line broken and a reply begun and left with the keyboard alone", async () => {
  await visited.bot("setMyCommands", { commands: [{ command: "status", description: "What runs" }] });
  await answer("Well?");
  await input().focus();
  await visited.page.keyboard.type("/st");
  await visited.page.getByRole("button", { name: "/status" }).waitFor();
  expect(await visited.seriousProblems()).toEqual([]);
  await visited.page.keyboard.press("Tab");
  expect(await input().inputValue()).toBe("/status ");
  await input().fill("one");
  await visited.page.keyboard.press("Shift+Enter");
  await visited.page.keyboard.type("two");
  await visited.page.getByRole("button", { name: "Reply", exact: true }).press("Enter");
  expect(await inFocus()).toBe("text");
  await visited.page.locator("#replied").getByText("Well?").waitFor();
  await visited.page.keyboard.press("Escape");
  await visited.page.locator("#replied").waitFor({ state: "hidden" });
  await visited.page.keyboard.press("Enter");
  await own().getByText("two").waitFor();
  expect(await own().textContent()).toBe("one\ntwo");
});

test("after the console was away the chat says so, comes back by itself, and has each message once", async () => {
  await answer("before");
  await bubbles().getByText("before").waitFor();
  const lost = visited.seen("The console cannot be reached");
  await visited.cut();
  await lost;
  const back = visited.seen("meanwhile");
  await visited.resume();
  await answer("meanwhile");
  await back;
  await visited.page.getByText("The console cannot be reached").waitFor({ state: "hidden" });
  await answer("after");
  await bubbles().getByText("after").waitFor();
  expect(await bubbles().allTextContents()).toEqual(["before", "meanwhile", "after"]);
});

test("whether the agent asks here, is gone, or answers on the real Telegram is told", async () => {
  await visited.seen("not seen yet");
  const connected = visited.seen("connected");
  await visited.bot("getUpdates");
  await connected;
  await visited.seen("The agent is not asking for messages");
  const presence = visited.page.locator("#presence");
  expect(await presence.textContent()).toBe("not connected");
  const log = exampleLog(visited.db);
  logEvent(visited.db, log.supervisor, EventType.WorkerSpawned, {
    ...log.named("a"),
    pid: 1,
    instance: "1.1",
    container_id: "c",
  });
  const started = { role: "worker", pid: 2, version: "v", instance: "1.1", bot_id: 4242 } as const;
  logEvent(visited.db, log.supervisor, EventType.ProcessStarted, started);
  await visited.seen("write to it on Telegram");
  expect(await presence.textContent()).toBe("on Telegram");
  expect(await visited.seriousProblems()).toEqual([]);
});
