import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { HELD, isParked, isPaused, migratedFrom, pairedChat, wasRefused } from "./chat-state.ts";
import { logEvent } from "./event-log.ts";
import { type TemporaryDatabase, temporaryDatabase } from "./temporary-database.ts";

let temporary: TemporaryDatabase;
beforeEach(() => {
  temporary = temporaryDatabase();
});
afterEach(() => temporary.remove());

const isHeld = (chatId: number) =>
  temporary.db
    .prepare(`SELECT ${HELD("@chatId")}`)
    .pluck()
    .get({ chatId }) === 1;

test("the newest word on a chat holds, for that chat alone", () => {
  const { db } = temporary;
  logEvent(db, null, "chat.paused", { chat_id: 7 });
  expect([isPaused(db, 7), isPaused(db, 8), isHeld(7), isHeld(8)]).toEqual([true, false, true, false]);
  logEvent(db, null, "chat.resumed", { chat_id: 7 });
  expect([isPaused(db, 7), isHeld(7)]).toEqual([false, false]);
  logEvent(db, null, "chat.parked", { chat_id: 7, reason: "blocked" });
  expect([isParked(db, 7), isPaused(db, 7), isHeld(7)]).toEqual([true, false, true]);
  logEvent(db, null, "chat.unparked", { chat_id: 7 });
  expect([isParked(db, 7), isHeld(7)]).toEqual([false, false]);
});

test("a chat is told once that the bot is private, and the log knows it", () => {
  logEvent(temporary.db, null, "chat.refused", { chat_id: 7 });
  expect([wasRefused(temporary.db, 7), wasRefused(temporary.db, 8)]).toEqual([true, false]);
});

test("the owner is who paired last, until it is unpaired", () => {
  const { db } = temporary;
  expect(pairedChat(db)).toBeNull();
  logEvent(db, null, "chat.paired", { chat_id: 7, sender_id: 7 });
  logEvent(db, null, "chat.unpaired", { chat_id: 7 });
  expect(pairedChat(db)).toBeNull();
  logEvent(db, null, "chat.paired", { chat_id: 8, sender_id: 8 });
  expect(pairedChat(db)).toBe(8);
});

test("a supergroup is known by the group it was", () => {
  logEvent(temporary.db, null, "chat.migrated", { chat_id: -5, to_chat_id: -100 });
  expect([migratedFrom(temporary.db, -100), migratedFrom(temporary.db, -5)]).toEqual([-5, null]);
});

test("whether a chat is held is found in its own facts, however long the log", () => {
  const plan = temporary.db.prepare(`EXPLAIN QUERY PLAN SELECT ${HELD("@chatId")}`).all({ chatId: 7 });
  const steps = (plan as { detail: string }[])
    .map(({ detail }) => detail)
    .filter((step) => /EVENTS|\b[fg]\b/i.test(step));
  expect(steps.length).toBeGreaterThan(0);
  expect(steps.filter((step) => !step.includes("INDEX chat_facts (<expr>=? AND event_type=?"))).toEqual([]);
});
