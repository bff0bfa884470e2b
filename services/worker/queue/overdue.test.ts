import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../../../shared/event-log.ts";
import { acceptBatch } from "../../../shared/inbox.ts";
import { silentLogger } from "../../../shared/logging.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { overdueAfterMs, reportOverdue } from "./overdue.ts";

let temporary: TemporaryDatabase;
let worker: number;
beforeEach(() => {
  temporary = temporaryDatabase();
  worker = logEvent(temporary.db, null, "process.started", { role: "worker", pid: 1, version: "v" });
  const update = { updateId: 1, chatId: 7, messageId: 1, text: "t", messageDate: 0, status: "queued" as const };
  acceptBatch(temporary.db, { botId: 42, offsetSent: 0, updates: [update] }, null);
});
afterEach(() => temporary.remove());

const MINUTE = 60_000;
const lookIn = (minutes: number) =>
  reportOverdue({ db: temporary.db, log: silentLogger }, worker, {
    now: Date.now() + minutes * MINUTE,
    afterMs: 5 * MINUTE,
  });
const reported = () =>
  temporary.db.prepare("SELECT payload FROM events WHERE event_type = 'message.overdue'").pluck().all().map(String);

test("a message that is open for too long is reported, once", () => {
  lookIn(4);
  expect(reported()).toEqual([]);
  lookIn(6);
  lookIn(7);
  expect(reported().map((payload) => JSON.parse(payload))).toEqual([
    { task_id: 1, age_seconds: 360, status: "queued" },
  ]);
});

test("one that has ended is not", () => {
  temporary.db.exec("UPDATE inbox SET status = 'done'");
  lookIn(6);
  expect(reported()).toEqual([]);
});

test("a command whose reply is not taken is reported like a message", () => {
  temporary.db.exec("UPDATE inbox SET kind = 'command', status = 'replying'");
  lookIn(6);
  expect(reported()).toHaveLength(1);
});

test("a chat that is paused is not waited for, and its time begins when it is resumed", () => {
  temporary.db.exec(`UPDATE inbox SET created_at = created_at - ${60 * MINUTE}`);
  logEvent(temporary.db, worker, "chat.paused", { chat_id: 7 });
  lookIn(0);
  logEvent(temporary.db, worker, "chat.resumed", { chat_id: 7 });
  lookIn(4);
  expect(reported()).toEqual([]);
  lookIn(6);
  expect(reported()).toHaveLength(1);
});

test("what was tried anew has its time again", () => {
  temporary.db.exec(`UPDATE inbox SET created_at = created_at - ${60 * MINUTE}`);
  logEvent(temporary.db, null, "message.retried", { by: "7", from: "chat", task_id: 1 });
  lookIn(4);
  expect(reported()).toEqual([]);
});

test("a message may take every attempt and every pause there can be", () => {
  expect(overdueAfterMs(2 * MINUTE, 3)).toBe((8 + 30 + 1) * MINUTE);
});
