import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { eventsAfter, logEvent, newestEvents } from "../../../shared/event-log.ts";
import { createFakeClock, type FakeClock } from "../../../shared/fake-clock.ts";
import { acceptBatch } from "../../../shared/inbox.ts";
import { silentLogger } from "../../../shared/logging.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { createFakeSender, type FakeSender } from "../delivery/fake-sender.ts";
import { completion, createFakeModel, type FakeModel } from "../model/fake-model.ts";
import { release, type Task } from "../queue/claims.ts";
import { claimNext } from "../queue/temporary-claims.ts";
import { type AttemptSettings, attempt } from "./attempt.ts";

let temporary: TemporaryDatabase;
let sender: FakeSender;
let model: FakeModel;
let clock: FakeClock;
let worker: number;
beforeEach(() => {
  temporary = temporaryDatabase();
  sender = createFakeSender();
  model = createFakeModel();
  clock = createFakeClock();
  worker = logEvent(temporary.db, null, "process.started", { role: "worker", pid: 1, version: "v", instance: "1.1" });
});
afterEach(() => temporary.remove());

const never = new AbortController().signal;
const SETTINGS: AttemptSettings = {
  maxRetries: 3,
  systemPrompt: "Be brief.",
  historyWindow: 12,
  contextTokens: 4000,
  limits: { maxTurns: 8, maxWallSeconds: 120, maxTokens: 50_000, maxAnswerTokens: 50_000 },
};
const ports = () => ({
  db: temporary.db,
  clock,
  log: silentLogger,
  models: [model] as const,
  tools: [],
  spending: { reserve: () => ({ kind: "reserved", usd: null }) as const, cost: () => null },
  sender,
});
const run = (task: Task, signal = never) => attempt(ports(), task, SETTINGS, signal);

const CONTEXT_OF_HELLO = {
  messages_available: 1,
  messages_used: 1,
  messages_cut: 0,
  system_tokens: 7,
  history_tokens: 0,
  message_tokens: 6,
};
const TURN_OF_THE_FAKE = {
  model: "fake",
  latency_ms: 0,
  input_tokens: 11,
  cached_tokens: null,
  output_tokens: 7,
  finish_reason: "stop",
  cost_usd: null,
};

let updateId = 500;
function ask(text: string, chatId = 7): Task {
  updateId += 1;
  const update = { updateId, chatId, messageId: 1, text, messageDate: 0, status: "queued" as const };
  acceptBatch(temporary.db, { botId: 42, offsetSent: 0, updates: [update] }, null);
  return claim();
}
function claim(): Task {
  const task = claimNext(temporary.db, worker);
  if (!task) throw new Error("nothing to claim");
  return task;
}
/** A message whose answer is stored: an earlier attempt was asked to stop before it had sent it. */
async function askAndStore(text: string): Promise<Task> {
  const stop = new AbortController();
  const send = async () => {
    stop.abort(new Error("stopped"));
    return { kind: "not sent", detail: "ECONNREFUSED" } as const;
  };
  await attempt({ ...ports(), sender: { ...sender, send } }, ask(text), SETTINGS, stop.signal);
  return claim();
}

/** An attempt's events, in order. */
const tree = (task: Task) =>
  eventsAfter(temporary.db, 0, 1000)
    .filter(({ id, parentId }) => id === task.agentId || parentId === task.agentId)
    .map(({ eventType, payload }) => [eventType, payload]);
const status = (task: Task) => temporary.db.prepare("SELECT status, error FROM inbox WHERE id = ?").get(task.id);

test("a message in is a reply out, and each step is an event under the attempt's own", async () => {
  const task = ask("hello");
  await run(task);
  expect(sender.sent).toEqual([{ chatId: 7, text: "reply to hello" }]);
  expect(tree(task)).toEqual([
    ["agent.started", { chat_id: 7, task_id: task.id, update_id: updateId, process_id: worker, attempt: 1 }],
    ["context.assembled", CONTEXT_OF_HELLO],
    ["turn.started", { model: "fake", turn: 1 }],
    ["turn.completed", TURN_OF_THE_FAKE],
    ["reply.sending", { chat_id: 7, part: 1, parts: 1 }],
    ["reply.sent", { chat_id: 7, part: 1, parts: 1, message_id: 1001 }],
    ["agent.completed", { task_id: task.id }],
  ]);
  expect(status(task)).toEqual({ status: "done", error: null });
});

test("the model is shown what was said before in this chat, and in no other", async () => {
  await run(ask("my name is Ada"));
  await run(ask("in another chat", 8));
  await run(ask("what is my name?"));
  expect(model.shown[2]).toEqual([
    { role: "system", content: expect.any(String) },
    { role: "user", content: "my name is Ada" },
    { role: "assistant", content: "reply to my name is Ada", toolCalls: [] },
    { role: "user", content: "what is my name?" },
  ]);
});

test("no text of anybody is in the events", async () => {
  model.answerWith(completion("the launch code is 0000"));
  await run(ask("what is the launch code?"));
  expect(JSON.stringify(eventsAfter(temporary.db, 0, 100))).not.toMatch(/launch/);
});

test("a refusal that time does not mend ends in one line to the person, with a reference, and a failed message", async () => {
  model.answerWith({ kind: "refused", reason: "unauthorised", detail: "401", retryAfterMs: null });
  const task = ask("hello");
  await run(task);
  expect(sender.sent).toMatchObject([
    { chatId: 7, text: `I could not answer: the model's provider refuses our key. (Reference ${task.agentId})` },
  ]);
  expect(tree(task).slice(1)).toEqual([
    ["context.assembled", CONTEXT_OF_HELLO],
    ["turn.started", { model: "fake", turn: 1 }],
    ["turn.failed", { model: "fake", latency_ms: 0, error_class: "unauthorised", error: "401" }],
    ["reply.sending", { chat_id: 7, part: 1, parts: 1 }],
    ["reply.sent", { chat_id: 7, part: 1, parts: 1, message_id: 1001 }],
    ["agent.failed", { task_id: task.id, error: "unauthorised", error_class: "unauthorised" }],
  ]);
  expect(status(task)).toEqual({ status: "failed", error: "unauthorised" });
});

test("a long reply goes out in parts, in order, each recorded", async () => {
  model.answerWith(completion(`${"a".repeat(4000)}\n\n${"b".repeat(4000)}`));
  const task = ask("write a lot");
  await run(task);
  expect(sender.sent.map(({ text }) => text[0])).toEqual(["a", "b"]);
  const sent = tree(task).filter(([type]) => type === "reply.sent");
  expect(sent.map(([, payload]) => payload)).toEqual([
    { chat_id: 7, part: 1, parts: 2, message_id: 1001 },
    { chat_id: 7, part: 2, parts: 2, message_id: 1002 },
  ]);
});

test("a reply that was stored before the worker died is sent without another turn", async () => {
  const again = await askAndStore("hello");
  expect(again.stored).toBe(true);
  await run(again);
  expect(model.shown).toHaveLength(1);
  expect(tree(again).map(([type]) => type)).toEqual([
    "agent.started",
    "reply.sending",
    "reply.sent",
    "agent.completed",
  ]);
});

test("of a reply that was partly sent, only the rest is sent, and what may have arrived is marked", async () => {
  model.answerWith(completion(`${"a".repeat(4000)}\n\n${"b".repeat(4000)}`));
  sender.answerWith({ kind: "sent", messageId: 1 }, { kind: "uncertain", detail: "socket hang up" });
  const died = new AbortController();
  const lost = ask("write a lot");
  const interrupted = run(lost, died.signal);
  while (sender.sent.length < 2) await new Promise((resolve) => setImmediate(resolve));
  died.abort(new Error("stopped"));
  await interrupted;
  const again = claim();
  await run(again);
  expect(sender.sent.map(({ text }) => text[0])).toEqual(["a", "b", "b"]);
  expect(tree(again).slice(1)).toEqual([
    ["reply.sending", { chat_id: 7, part: 2, parts: 2, uncertain: true }],
    ["reply.sent", { chat_id: 7, part: 2, parts: 2, uncertain: true, message_id: 1003 }],
    ["agent.completed", { task_id: again.id }],
  ]);
});

test("a delivery that Telegram puts off for hours shows that it is alive, and sends when the time has come", async () => {
  sender.answerWith({ kind: "rate limited", retryAfterMs: 150_000 });
  const task = await askAndStore("hello");
  const pauses: number[] = [];
  const untouched = temporary.db.prepare("UPDATE inbox SET updated_at = 0");
  const touchedAt: unknown[] = [];
  const sleep = async (ms: number, signal: AbortSignal) => {
    if (!sender.sent.length) return clock.sleep(ms, signal);
    touchedAt.push(temporary.db.prepare("SELECT updated_at FROM inbox").pluck().get());
    untouched.run();
    pauses.push(ms);
  };
  await attempt({ ...ports(), clock: { ...clock, sleep } }, task, SETTINGS, never);
  expect(pauses).toEqual([60_000, 60_000, 30_000]);
  expect(touchedAt).not.toContain(0);
  expect(sender.sent).toHaveLength(2);
});

test("a delivery whose claim was lost while it waited sends no more", async () => {
  sender.answerWith({ kind: "rate limited", retryAfterMs: 150_000 });
  const task = await askAndStore("hello");
  const sleep = async () => void temporary.db.prepare("UPDATE inbox SET locked_by = NULL").run();
  await expect(attempt({ ...ports(), clock: { ...clock, sleep } }, task, SETTINGS, never)).rejects.toThrow(
    /no longer claimed/,
  );
  expect(sender.sent).toHaveLength(1);
});

test("a message that runs alone is given back when its chat is to be left alone for long: the others do not wait for it", async () => {
  const [alone, other] = [ask("hello"), ask("hello", 8)];
  release(temporary.db, alone);
  release(temporary.db, other);
  temporary.db.prepare("UPDATE inbox SET alone = 1 WHERE id = ?").run(alone.id);
  sender.answerWith({ kind: "rate limited", retryAfterMs: 3_600_000 });
  await run(claim());
  expect(claim().id).toBe(other.id);
  const row = "SELECT status, alone, attempts, not_before > updated_at + 3500000 FROM inbox WHERE id = ?";
  expect(temporary.db.prepare(row).raw().get(alone.id)).toEqual(["replying", 1, 0, 1]);
  release(temporary.db, { ...other, agentId: newestEvents(temporary.db, "agent.started", 1)[0]?.id ?? 0 });
  temporary.db.prepare("UPDATE inbox SET not_before = 0 WHERE id = ?").run(alone.id);
  await run(claim());
  expect(status(alone)).toEqual({ status: "done", error: null });
  expect(sender.sent.map(({ chatId, text }) => [chatId, text])).toEqual(Array(2).fill([7, "reply to hello"]));
});

test("a chat that takes no message is a failure that keeps its reason", async () => {
  sender.answerWith({ kind: "refused", detail: "Forbidden: bot was blocked by the user" });
  const task = ask("hello");
  await run(task);
  expect(status(task)).toEqual({ status: "failed", error: "Forbidden: bot was blocked by the user" });
  expect(tree(task).at(-1)).toEqual([
    "agent.failed",
    { task_id: task.id, error: "Forbidden: bot was blocked by the user", error_class: "not_delivered" },
  ]);
});

test("a chat that lets the bot in no more is parked: its message keeps its answer, open and uncharged", async () => {
  sender.answerWith({ kind: "forbidden", detail: "Forbidden: bot was blocked by the user" });
  const task = ask("hello");
  await run(task);
  const row = temporary.db.prepare("SELECT status, attempts, locked_by FROM inbox WHERE id = ?").get(task.id);
  expect(row).toEqual({ status: "replying", attempts: 0, locked_by: null });
  expect(newestEvents(temporary.db, "chat.parked", 9)).toMatchObject([
    { parentId: worker, payload: { chat_id: 7, reason: "Forbidden: bot was blocked by the user" } },
  ]);
  expect(claimNext(temporary.db, worker)).toBeNull();
  logEvent(temporary.db, worker, "chat.unparked", { chat_id: 7 });
  await run(claim());
  expect(status(task)).toEqual({ status: "done", error: null });
  expect(model.shown).toHaveLength(1);
});

test.each([
  ["answer", completion("done"), "done"],
  [
    "line that says why there is none",
    { kind: "refused", reason: "refused", detail: "", retryAfterMs: null } as const,
    expect.stringMatching(/refused to answer/),
  ],
])("a slow %s is written into the draft that was shown meanwhile", async (_, answer, expected) => {
  const held = model.hold();
  model.answerWith(answer);
  const task = ask("hello");
  const running = run(task);
  await held.called;
  clock.advance(1000);
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(1000); // an edit a second at most
  held.letGo();
  await running;
  expect(sender.sent).toEqual([{ chatId: 7, text: "…" }]);
  expect(sender.edited).toMatchObject([{ chatId: 7, messageId: 1001, text: expected }]);
  expect(tree(task).filter(([type]) => type === "reply.sent")).toHaveLength(2);
});

test("asked to stop in mid turn, the message is queued again with nothing stored", async () => {
  const stop = new AbortController();
  const held = model.hold();
  const task = ask("hello");
  const interrupted = run(task, stop.signal);
  await held.called;
  stop.abort(new Error("stopped"));
  await interrupted;
  expect(status(task)).toEqual({ status: "queued", error: null });
  expect(tree(task).map(([type]) => type)).toEqual([
    "agent.started",
    "context.assembled",
    "turn.started",
    "turn.failed",
    "agent.failed",
  ]);
  expect(temporary.db.prepare("SELECT count(*) FROM history").pluck().get()).toBe(0);
});

test("what a person stopped ends with a line that says so, where the answer was being written", async () => {
  const stop = new AbortController();
  const held = model.hold();
  const task = ask("hello");
  const interrupted = run(task, stop.signal);
  await held.called;
  clock.advance(1000);
  await new Promise((resolve) => setImmediate(resolve));
  logEvent(temporary.db, task.agentId, "agent.failed", { task_id: task.id, error: "stopped", error_class: "stopped" });
  temporary.db.prepare("UPDATE inbox SET status = 'queued', locked_by = NULL").run(); // and was tried anew at once
  stop.abort(new Error("somebody stopped it"));
  await interrupted;
  expect(status(task)).toMatchObject({ status: "queued" });
  expect(sender.sent).toEqual([{ chatId: 7, text: "…" }]);
  expect(sender.edited).toEqual([{ chatId: 7, messageId: 1001, text: "(You stopped it here.)" }]);
  expect(tree(task).at(-1)).toEqual(["reply.sent", { chat_id: 7, part: 1, parts: 1, message_id: 1001 }]);
});

test("a claim lost in mid turn stores nothing: two workers cannot both answer", async () => {
  const held = model.hold();
  const lost = ask("hello");
  const slow = run(lost);
  await held.called;
  temporary.db.prepare("UPDATE inbox SET status = 'queued', locked_by = NULL WHERE id = ?").run(lost.id);
  const successor = logEvent(temporary.db, null, "process.started", { role: "worker", pid: 2, version: "v" });
  expect(claimNext(temporary.db, successor)?.id).toBe(lost.id);
  held.letGo();
  await expect(slow).rejects.toThrow(/no longer claimed/);
  expect(temporary.db.prepare("SELECT count(*) FROM history").pluck().get()).toBe(0);
});
