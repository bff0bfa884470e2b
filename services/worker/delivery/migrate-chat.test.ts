import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { isPaused, renewedAfter } from "../../../shared/chat-state.ts";
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
  logEvent(db, worker, "chat.renewed", { chat_id: GROUP, after_history_id: 12 });
  logEvent(db, worker, "chat.paused", { chat_id: GROUP });
  migrate();
  expect([renewedAfter(db, SUPERGROUP), isPaused(db, SUPERGROUP)]).toEqual([12, true]);
});

test("a group that is told of twice does not undo what was wished in the supergroup meanwhile", () => {
  const { db } = temporary;
  logEvent(db, worker, "chat.renewed", { chat_id: GROUP, after_history_id: 12 });
  logEvent(db, worker, "chat.paused", { chat_id: GROUP });
  migrate();
  logEvent(db, worker, "chat.renewed", { chat_id: SUPERGROUP, after_history_id: 20 });
  logEvent(db, worker, "chat.resumed", { chat_id: SUPERGROUP });
  migrate();
  expect([renewedAfter(db, SUPERGROUP), isPaused(db, SUPERGROUP)]).toEqual([20, false]);
});
