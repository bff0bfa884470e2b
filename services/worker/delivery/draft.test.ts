import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { eventsAfter, logEvent } from "../../../shared/event-log.ts";
import { createFakeClock, type FakeClock } from "../../../shared/fake-clock.ts";
import { acceptBatch } from "../../../shared/inbox.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { release, type Task } from "../queue/claims.ts";
import { claimNext } from "../queue/temporary-claims.ts";
import { createDraft, type Draft } from "./draft.ts";
import { createFakeSender, type FakeSender } from "./fake-sender.ts";
import type { SendResult } from "./sender.ts";

let temporary: TemporaryDatabase;
let sender: FakeSender;
let clock: FakeClock;
let task: Task;
let stop: AbortController;
beforeEach(() => {
  temporary = temporaryDatabase();
  sender = createFakeSender();
  clock = createFakeClock();
  stop = new AbortController();
  const worker = logEvent(temporary.db, null, "process.started", { role: "worker", pid: 1, version: "v" });
  const update = { updateId: 1, chatId: 7, messageId: 1, text: "hello", messageDate: 0, status: "queued" as const };
  acceptBatch(temporary.db, { botId: 42, offsetSent: 0, updates: [update] }, null);
  task = claim(worker);
});
afterEach(() => temporary.remove());

function claim(worker: number): Task {
  const claimed = claimNext(temporary.db, worker);
  if (!claimed) throw new Error("nothing to claim");
  return claimed;
}
const begin = (): Draft => createDraft({ db: temporary.db, clock, sender }, task, stop.signal);
/** Lets what was woken run until it waits again. */
async function pass(ms: number) {
  clock.advance(ms);
  await new Promise((resolve) => setImmediate(resolve));
}
const sends = () =>
  eventsAfter(temporary.db, 0, 100)
    .filter(({ eventType }) => eventType.startsWith("reply."))
    .map(({ eventType, payload }) => [eventType, payload]);

test("an answer within a second has no draft", async () => {
  const draft = begin();
  draft.show("hello");
  await pass(999);
  await draft.stop();
  expect([sender.sent, sends(), draft.state()]).toEqual([[], [], "never begun"]);
  expect(draft.pauseMs()).toBeLessThanOrEqual(0);
});

test("after a second a placeholder stands for the answer, and is edited once a second as text comes", async () => {
  const draft = begin();
  await pass(1000);
  expect(sender.sent).toEqual([{ chatId: 7, text: "…" }]);
  expect(sends()).toEqual([
    ["reply.sending", { chat_id: 7, part: 1, parts: 0, draft: true }],
    ["reply.sent", { chat_id: 7, part: 1, parts: 0, draft: true, message_id: 1001 }],
  ]);
  for (let tenth = 1; tenth <= 25; tenth++) {
    draft.show(`${"so far ".repeat(tenth)}**bold**`);
    await pass(100);
  }
  expect(sender.edited).toHaveLength(2);
  expect(sender.edited[1]).toMatchObject({ chatId: 7, messageId: 1001, entities: [{ type: "bold" }] });
  await pass(3000);
  await pass(3000);
  expect(sender.edited).toHaveLength(3);
  await draft.stop();
});

test("an edit that was just made leaves the chat alone for the rest of its second", async () => {
  const draft = begin();
  await pass(1000);
  await pass(300);
  await draft.stop();
  expect(draft.pauseMs()).toBe(700);
});

test("Telegram's wish to be left alone is heard", async () => {
  sender.answerEditsWith({ kind: "rate limited", retryAfterMs: 9000 });
  const draft = begin();
  await pass(1000);
  draft.show("some");
  await pass(1000);
  await pass(8000);
  expect(sender.edited).toHaveLength(1);
  await pass(1000);
  expect(sender.edited).toHaveLength(2);
  await draft.stop();
});

test("of a long answer the draft shows what fits", async () => {
  const draft = begin();
  draft.show("word ".repeat(3000));
  await pass(1000);
  expect(sender.sent[0]?.text.length).toBeLessThanOrEqual(4096);
  draft.show("word ".repeat(4000));
  await pass(1000);
  expect(sender.edited).toEqual([]);
  await draft.stop();
});

test("the next attempt goes on in the draft of the one before", async () => {
  const first = begin();
  await pass(1000);
  stop.abort(new Error("stopped"));
  await first.stop();
  release(temporary.db, task);
  task = claim(task.processId);
  stop = new AbortController();
  const second = begin();
  second.show("again");
  await pass(1000);
  await second.stop();
  expect(sender.sent).toHaveLength(1);
  expect(sender.edited).toEqual([{ chatId: 7, messageId: 1001, text: "again" }]);
});

test.each([
  ["the answer to its send is lost", { kind: "uncertain", detail: "ECONNRESET" }, "lost"],
  ["the chat lets nothing in", { kind: "forbidden", detail: "Forbidden" }, "begun"],
] as const)("there is one draft at most: when %s, no other is tried", async (_, result, state) => {
  sender.answerWith(result);
  const draft = begin();
  await pass(1000);
  draft.show("some");
  await pass(5000);
  await draft.stop();
  expect(sender.sent).toHaveLength(1);
  expect(draft.state()).toBe(state);
});

test("a draft whose request hangs holds the answer up for three seconds at most, and is then in doubt", async () => {
  const send = (_chat: number, _message: unknown, signal: AbortSignal) =>
    new Promise<SendResult>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const draft = createDraft({ db: temporary.db, clock, sender: { ...sender, send } }, task, stop.signal);
  await pass(1000);
  const stopped = draft.stop();
  await pass(3000);
  await stopped;
  expect(draft.state()).toBe("lost");
});

/** A sender whose sends are taken when a test says so, unless they are cut off before. */
function slowSender() {
  const taken = Promise.withResolvers<SendResult>();
  const cut: unknown[] = [];
  const send: FakeSender["send"] = (_chat, _message, signal) => {
    signal.addEventListener("abort", () => {
      cut.push(signal.reason);
      taken.reject(signal.reason);
    });
    return taken.promise;
  };
  return { ...sender, send, cut, take: () => taken.resolve({ kind: "sent", messageId: 33 }) };
}

test("a placeholder that arrives after the answer was sent without it is removed", async () => {
  const slow = slowSender();
  const draft = createDraft({ db: temporary.db, clock, sender: slow }, task, stop.signal);
  await pass(1000);
  const stopped = draft.stop();
  await pass(3000);
  await stopped;
  slow.take();
  await pass(0);
  expect(sender.removed).toEqual([{ chatId: 7, messageId: 33 }]);
  expect(sends()).toHaveLength(1);
});

test("asked to stop, the worker waits three seconds to learn the placeholder's id, and then no longer", async () => {
  const slow = slowSender();
  const draft = createDraft({ db: temporary.db, clock, sender: slow }, task, stop.signal);
  await pass(1000);
  const reason = new Error("stopped");
  stop.abort(reason);
  const stopped = draft.stop();
  await pass(2999);
  expect(slow.cut).toEqual([]);
  await pass(1);
  await stopped;
  expect(slow.cut).toEqual([reason]);
});

test("who waits sees typing, refreshed before it ends", async () => {
  const typed: number[] = [];
  const start = clock.now();
  const showTyping = async () => {
    typed.push(clock.now() - start);
    return { kind: "done" } as const;
  };
  const draft = createDraft({ db: temporary.db, clock, sender: { ...sender, showTyping } }, task, stop.signal);
  for (let count = 0; count < 20; count++) await pass(500);
  await draft.stop();
  expect(typed).toEqual([500, 5000, 9500]);
});

test("a draft that nothing takes the place of keeps what it shows, with a line below, however long it is", async () => {
  const draft = begin();
  draft.show("**so far**");
  await pass(1000);
  await draft.stop();
  await draft.close("(It ends.)");
  expect(sender.edited.at(-1)).toMatchObject({ messageId: 1001, text: "so far\n\n(It ends.)" });
  draft.show("word ".repeat(2000));
  await draft.close("(It ends.)");
  expect(sender.edited.at(-1)?.text).toMatch(/word\n\n\(It ends\.\)$/);
  expect(sender.edited.at(-1)?.text.length).toBeLessThanOrEqual(4096);
});
