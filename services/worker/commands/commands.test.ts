import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { isPaused } from "../../../shared/chat-state.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { release } from "../queue/claims.ts";
import { claimNext, claimNextControl } from "../queue/temporary-claims.ts";
import { ANSWERED } from "./about-message.ts";
import { COMMANDS } from "./commands.ts";
import { fakeConversation } from "./fake-conversation.ts";

let chat: ReturnType<typeof fakeConversation>;
beforeEach(() => {
  chat = fakeConversation();
});
afterEach(() => chat.remove());

const overloaded = { kind: "refused", reason: "refused", detail: "no", retryAfterMs: null } as const;
const failedMessage = async () => {
  chat.model.answerWith(overloaded);
  chat.begin("hello");
  chat.db.prepare("UPDATE inbox SET status = 'queued', locked_by = NULL").run();
  return chat.answer();
};

test("a command's row is done when its reply is sent, and its attempt names it", async () => {
  await chat.ask("/help");
  expect(chat.db.prepare("SELECT status, kind FROM inbox").get()).toEqual({ status: "done", kind: "command" });
  expect(chat.events("agent.started")).toMatchObject([{ command: "/help" }]);
  expect(chat.events("agent.completed")).toHaveLength(1);
});

test("a command that was carried out is not carried out again when its reply could not be sent yet", async () => {
  chat.sender.answerWith({ kind: "unauthorised", detail: "Unauthorized" });
  await expect(chat.ask("/new")).rejects.toThrow(/refuses/);
  chat.db.prepare("UPDATE inbox SET locked_by = NULL").run();
  expect(claimNextControl(chat.db, chat.processId)).toMatchObject({ stored: true });
  expect(chat.events("chat.renewed")).toHaveLength(1);
});

test("/help offers the owner more than others, and nobody may do what is the owner's alone", async () => {
  expect((await chat.ask("/help")).text).toContain("/deploy");
  const guest = { chatId: 8, senderId: 8 };
  expect((await chat.ask("/help", guest)).text).not.toContain("/deploy");
  expect((await chat.ask("/deploy worker:b", guest)).text).toBe("Only this bot's owner may do that.");
  expect((await chat.press("deploy:1", guest)).text).toBe("Only this bot's owner may do that.");
  expect(chat.events("deploy.requested")).toEqual([]);
});

test("an unknown command gets a hint", async () => {
  expect((await chat.ask("/dance now")).text).toMatch(/\/help/);
});

test("every command has a name and a line that Telegram takes", () => {
  expect(COMMANDS.filter(({ name, about }) => !/^[a-z0-9_]{1,32}$/.test(name) || about.length > 256)).toEqual([]);
});

test("/stop ends the message in hand in the command's own transaction, and has its attempt aborted", async () => {
  const task = chat.begin("count to a million");
  const buttons = [[{ text: "Retry", data: `retry:${task.id}` }]];
  expect(await chat.ask("/stop")).toMatchObject({ text: "Stopped.", buttons });
  expect(chat.aborted).toEqual([task.id]);
  expect(chat.row(task.id)).toMatchObject({ status: "failed", error: "stopped", text: "count to a million" });
  expect(chat.events("agent.failed")).toEqual([{ task_id: task.id, error: "stopped", error_class: "stopped" }]);
  expect(chat.events("message.stopped")).toEqual([{ by: "7", from: "chat", task_id: task.id }]);
  release(chat.db, task);
  expect(chat.row(task.id)).toMatchObject({ status: "failed" });
  expect((await chat.ask("/stop")).text).toBe("I am not working on anything here.");
});

test("/stop does not wait until Telegram takes the reply to a command before it; its own comes after that", async () => {
  chat.sender.answerWith({ kind: "unauthorised", detail: "Unauthorized" });
  await expect(chat.ask("/help")).rejects.toThrow(/refuses/); // and stays in hand
  const task = chat.begin("count to a million");
  await chat.ask("/stop");
  expect(chat.aborted).toEqual([task.id]);
  expect(chat.row(task.id)).toMatchObject({ status: "failed", error: "stopped" });
  expect(chat.sender.sent).toHaveLength(1);
  expect(claimNextControl(chat.db, chat.processId)).toBeNull();
  chat.db.prepare("UPDATE inbox SET status = 'done', locked_by = NULL WHERE text = '/help'").run();
  expect(claimNextControl(chat.db, chat.processId)).toMatchObject({ text: "/stop", stored: true });
});

test("/stop leaves other chats alone", async () => {
  const task = chat.begin("hello", { chatId: 8 });
  await chat.ask("/stop");
  expect(chat.row(task.id)).toMatchObject({ status: "in_progress" });
});

test("/pause keeps messages and /resume has them answered", async () => {
  await chat.ask("/pause");
  expect(() => chat.begin("later")).toThrow("nothing to claim");
  expect(isPaused(chat.db, 7)).toBe(true);
  await chat.ask("/resume");
  expect(claimNext(chat.db, chat.processId)).toMatchObject({ text: "later" });
});

test("/new begins a conversation after all that was said", async () => {
  await chat.answer(chat.begin("hello"));
  await chat.ask("/new");
  expect(chat.events("chat.renewed")).toMatchObject([{ chat_id: 7, after_history_id: 2 }]);
});

test("/new leaves out what was asked before it and is answered after it, too", async () => {
  const before = chat.begin("my name is Ada");
  await chat.ask("/new");
  await chat.answer(before);
  await chat.answer(chat.begin("what is my name?"));
  const shown = chat.model.shown.at(-1)?.map(({ content }) => content);
  expect(shown?.slice(1)).toEqual(["what is my name?"]);
});

test("what failed is tried again by /retry, and then answered in full", async () => {
  const task = await failedMessage();
  expect((await chat.ask("/retry")).text).toBe("I am trying it again.");
  expect(chat.events("message.retried")).toEqual([{ by: "7", from: "chat", task_id: task.id }]);
  await chat.answer();
  expect(chat.sender.sent.at(-1)?.text).toBe("reply to hello");
  expect(chat.row(task.id)).toMatchObject({ status: "done", error: null });
  expect((await chat.ask("/retry")).text).toBe("Nothing failed here.");
});

test("the button under an error line tries that message again, once", async () => {
  const task = await failedMessage();
  const [button] = chat.sender.sent.at(-1)?.buttons?.[0] ?? [];
  expect(button).toEqual({ text: "Retry", data: `retry:${task.id}` });
  expect((await chat.press(`retry:${task.id}`, { chatId: 8 })).text).toMatch(/did not fail/);
  expect((await chat.press(`retry:${task.id}`)).text).toBe("I am trying it again.");
  expect((await chat.press(`retry:${task.id}`)).text).toMatch(/is being tried again/);
  expect(chat.sender.answeredButtons).toHaveLength(3);
});

test("/why tells of the newest message, and in reply to one of ours, of that one", async () => {
  await chat.answer(chat.begin("first"));
  const firstReply = 1000 + chat.sender.sent.length;
  await chat.answer(chat.begin("second"));
  expect((await chat.ask("/why")).text).toMatch(/^Message 2: done\n/);
  const { text } = await chat.ask("/why", { replyToMessageId: firstReply });
  expect(text.split("\n")).toEqual([
    "Message 1: done",
    expect.stringMatching(/^Received \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/),
    expect.stringMatching(/^Waited \d/),
    expect.stringMatching(/^Attempts: 1 \(reference \d+\)$/),
    "Turns: 1 of fake, 0.0 s",
    "Tools: none",
    "Tokens: 11 in (0 cached), 7 out",
    "Cost: unknown",
    "Sends: 1",
    expect.stringMatching(/^Took .* in all$/),
  ]);
});

test("/why in reply to the person's own message tells of that one", async () => {
  await chat.answer(chat.begin("first", { messageId: 77 }));
  await chat.answer(chat.begin("second"));
  expect((await chat.ask("/why", { replyToMessageId: 77 })).text).toMatch(/^Message 1: done\n/);
  expect((await chat.ask("/why", { replyToMessageId: 77, chatId: 8 })).text).toMatch(/I know of no message/);
});

test("the message that ours answered is found by our message's id, however long the log", () => {
  const plan = chat.db.prepare(`EXPLAIN QUERY PLAN ${ANSWERED}`).all(1, 7) as { detail: string }[];
  expect(plan.map(({ detail }) => detail)).toContain("SEARCH s USING INDEX replies_by_message (<expr>=?)");
});

test("/usage counts this chat's messages, or all of them for the owner", async () => {
  chat.clock.advance(Date.now() - chat.clock.now());
  await chat.answer(chat.begin("hello"));
  await chat.answer(chat.begin("hello", { chatId: 8 }));
  expect((await chat.ask("/usage", { chatId: 8, senderId: 8 })).text).toBe(
    "This chat.\nToday (UTC): 1 message, 18 tokens, cost unknown\n30 days: 1 message, 18 tokens, cost unknown",
  );
  expect((await chat.ask("/usage")).text).toMatch(/^All chats\.\nToday \(UTC\): 2 messages, 36 tokens/);
});

test("/status says what waits and what is wished", async () => {
  chat.clock.advance(Date.now() + 5000 - chat.clock.now());
  expect((await chat.ask("/status")).text).toBe("No message waits.");
  chat.begin("hello");
  logEvent(chat.db, null, "hold.requested", { by: "me", from: "cli" });
  const { text } = await chat.ask("/status");
  expect(text).toMatch(/^1 message waits, the oldest for \d/);
  expect(text).toMatch(/On hold/);
});

test("/unpair is the paired chat's, and another code goes to the log", async () => {
  logEvent(chat.db, chat.processId, "chat.paired", { chat_id: 7, sender_id: 7 });
  const nobodyListed = { allowed: { kind: "listed", ids: new Set<number>() }, ownerChat: null } as const;
  await chat.ask("/unpair", {}, nobodyListed);
  expect(chat.events("chat.unpaired")).toEqual([{ chat_id: 7 }]);
  expect(chat.codes).toHaveLength(1);
});

test("the owner's button adds a dollar to the day's budget, once for each notice, and to no other day's", async () => {
  const notice = (day: string) =>
    logEvent(chat.db, chat.processId, "budget.noticed", { day, percent: 100, spent_usd: 2, budget_usd: 2 });
  const [yesterdays, about, further] = ["2029-12-31", "2030-01-01", "2030-01-01"].map(notice);
  for (const pressed of [yesterdays, about, about, further, "+1"]) await chat.press(`budget:${pressed}`);
  const raised = { day: "2030-01-01", usd: 1, chat_id: 7 };
  expect(chat.events("budget.raised")).toEqual([
    { ...raised, about },
    { ...raised, about: further },
  ]);
});

test("a budget is raised under the notice that nothing is left alone, and in the chat that was told of it", async () => {
  const day = new Date(chat.clock.now()).toISOString().slice(0, 10);
  const notice = (percent: 80 | 100) =>
    logEvent(chat.db, chat.processId, "budget.noticed", { day, percent, spent_usd: 2, budget_usd: 2 });
  const elsewhere = notice(100);
  logEvent(chat.db, chat.processId, "operator.told", { about: elsewhere, chat_id: 8, message_id: 1 });
  for (const pressed of [notice(80), elsewhere]) {
    expect((await chat.press(`budget:${pressed}`)).text).toBe("That was about another day's budget.");
  }
  expect(chat.events("budget.raised")).toEqual([]);
});
