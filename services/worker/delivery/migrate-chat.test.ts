import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { conversationBefore, isPaused } from "../../../shared/chat-state.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { migrateChat } from "./migrate-chat.ts";

const [GROUP, SUPERGROUP] = [-5, -1005];

let temporary: TemporaryDatabase;
let worker: number;
beforeEach(() => {
  temporary = temporaryDatabase();
  worker = logEvent(temporary.db, null, "process.started", { role: "worker", pid: 1, version: "v", instance: "1.1" });
});
afterEach(() => temporary.remove());

const migrate = () => migrateChat(temporary.db, worker, { from: GROUP, to: SUPERGROUP });

test("a conversation that was begun anew does not come back in the supergroup, and a pause goes on there", () => {
  const { db } = temporary;
  logEvent(db, worker, "chat.renewed", { chat_id: GROUP, after_history_id: 12, after_task_id: 4 });
  logEvent(db, worker, "chat.paused", { chat_id: GROUP });
  migrate();
  expect([conversationBefore(db, SUPERGROUP), isPaused(db, SUPERGROUP)]).toEqual([{ historyId: 12, taskId: 4 }, true]);
});

test("a group that is told of twice does not undo what was wished in the supergroup meanwhile", () => {
  const { db } = temporary;
  logEvent(db, worker, "chat.renewed", { chat_id: GROUP, after_history_id: 12 });
  logEvent(db, worker, "chat.paused", { chat_id: GROUP });
  migrate();
  logEvent(db, worker, "chat.renewed", { chat_id: SUPERGROUP, after_history_id: 20 });
  logEvent(db, worker, "chat.resumed", { chat_id: SUPERGROUP });
  migrate();
  expect([conversationBefore(db, SUPERGROUP).historyId, isPaused(db, SUPERGROUP)]).toEqual([20, false]);
});

test("what failed in the group can be tried again from the supergroup", () => {
  const { db } = temporary;
  const insert = "INSERT INTO inbox (bot_id, update_id, chat_id, text, status) VALUES (42, ?, ?, 'x', ?)";
  for (const [at, status] of ["failed", "set_aside", "done"].entries()) db.prepare(insert).run(at, GROUP, status);
  migrate();
  const chats = db.prepare("SELECT chat_id FROM inbox ORDER BY id").pluck().all();
  expect(chats).toEqual([SUPERGROUP, SUPERGROUP, GROUP]);
});
