import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { isParked, pairedChat } from "../../../shared/chat-state.ts";
import { eventsAfter, logEvent } from "../../../shared/event-log.ts";
import { recentHistory } from "../../../shared/history.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import type { AccessSettings } from "./access.ts";
import { createAdmission } from "./admission.ts";
import { createPairing, type Pairing } from "./pairing.ts";
import { readUpdate } from "./updates.ts";

let temporary: TemporaryDatabase;
let processId: number;
let pairing: Pairing;
let code: string;
beforeEach(() => {
  temporary = temporaryDatabase();
  processId = logEvent(temporary.db, null, "process.started", { role: "worker", pid: 1, version: "v" });
  const show = (shown: string) => {
    code = shown;
  };
  pairing = createPairing(show, { monotonicMs: () => 0 });
});
afterEach(() => temporary.remove());

const NOBODY: AccessSettings = { allowed: { kind: "listed", ids: new Set() }, ownerChat: null };
const only = (...ids: number[]): AccessSettings => ({
  allowed: { kind: "listed", ids: new Set(ids) },
  ownerChat: null,
});
const admission = (access: AccessSettings, courtesySince: number | null = null) =>
  createAdmission({ db: temporary.db, pairing }, { ...access, botId: 42, processId, courtesySince });

function said(content: object, chatId = 7, senderId = chatId) {
  const message = { message_id: 1, date: 1000, chat: { id: chatId }, from: { id: senderId }, ...content };
  const arrival = readUpdate({ update_id: 5, message });
  if (!arrival) throw new Error("an update that cannot be read");
  return arrival;
}
const replyOf = ({ reply }: { reply?: string }) => (reply === undefined ? null : JSON.parse(reply).text);
const facts = () =>
  eventsAfter(temporary.db, processId, 100).map(({ eventType, payload }) => [eventType, payload?.chat_id]);

test("a text is for the model, a command is ours, and both keep who sent them", () => {
  const admit = admission(only(7));
  expect(admit(said({ text: "hello" }))).toMatchObject({
    status: "queued",
    kind: "message",
    text: "hello",
    senderId: 7,
  });
  expect(admit(said({ text: "/stop" }))).toMatchObject({ status: "queued", kind: "command" });
  expect(admit(said({ text: "/usr/bin is a path" }))).toMatchObject({ kind: "message" });
});

test("in a group a command for another bot is none of ours, also where nobody is allowed", () => {
  logEvent(temporary.db, processId, "telegram.named", { bot_id: 42, username: "Agent_Bot" });
  const admit = admission(only(-100));
  for (const text of ["/stop", "/stop@agent_bot", "/stop@AGENT_BOT now"]) {
    expect(admit(said({ text }, -100))).toMatchObject({ status: "queued", kind: "command" });
  }
  for (const text of ["/stop@other_bot", "/pair@other_bot CODE", "/deploy@agent_bot2 x"]) {
    expect(admit(said({ text }, -100))).toMatchObject({ status: "ignored", text: null });
    expect(admit(said({ text }, -200))).toMatchObject({ status: "ignored", text: null });
  }
  expect(facts().slice(1)).toEqual([]);
});

test("a person who writes to us alone gets an answer, whichever bot the command names", () => {
  logEvent(temporary.db, processId, "telegram.named", { bot_id: 42, username: "agent_bot" });
  expect(admission(only(7))(said({ text: "/stop@other_bot" }))).toMatchObject({ status: "queued", kind: "message" });
});

test("as long as our name is not known, a command that names a bot is taken for ours", () => {
  logEvent(temporary.db, processId, "telegram.named", { bot_id: 41, username: "of_another_token" });
  expect(admission(only(-100))(said({ text: "/stop@agent_bot" }, -100))).toMatchObject({ kind: "command" });
});

test("a secret that somebody writes is not kept", () => {
  const key = `sk-${"k".repeat(40)}`;
  expect(admission(only(7))(said({ text: `what is ${key}?` }))).toMatchObject({ text: "what is [redacted]?" });
});

test("a listed person is answered in every chat, a listed chat whoever writes there", () => {
  const admit = admission(only(8, -100));
  expect(admit(said({ text: "a" }, -200, 8)).status).toBe("queued");
  expect(admit(said({ text: "b" }, -100, 9)).status).toBe("queued");
  expect(admit(said({ text: "c" }, -200, 9)).status).toBe("replying");
});

test("a stranger is told once, ever, that the bot is private, and their text is not kept", () => {
  const first = admission(only(7))(said({ text: "secret" }, 9));
  expect(first).toMatchObject({ status: "replying", text: null });
  expect(replyOf(first)).toMatch(/private/);
  const restarted = admission(only(7));
  expect(restarted(said({ text: "secret" }, 9))).toMatchObject({ status: "ignored", text: null });
  expect(restarted(said({ text: "/status" }, 9))).toMatchObject({ status: "ignored", text: null });
  expect(facts()).toEqual([["chat.refused", 9]]);
});

test("who sends a picture is told that only text is read: once for an album, in no group, and not for old ones", () => {
  const admit = admission(only(7, -100), 500_000);
  const album = { photo: [], media_group_id: "3" };
  expect(replyOf(admit(said(album)))).toMatch(/only read text/);
  expect(admit(said(album)).status).toBe("ignored");
  expect(replyOf(admit(said({ voice: {} })))).toMatch(/only read text/);
  expect(admit(said({ photo: [] }, -100)).status).toBe("ignored");
  expect(admit(said({ photo: [], date: 499 })).status).toBe("ignored");
});

test("the code that the log shows makes its chat the owner's and allowed, and is kept nowhere", () => {
  const admit = admission(NOBODY);
  pairing.open();
  const wrong = admit(said({ text: "/pair WRONG" }, 7));
  expect([wrong.text, replyOf(wrong)]).toEqual(["/pair", "That is not the pairing code."]);
  const right = admit(said({ text: `/pair ${code}` }, 7));
  expect(right).toMatchObject({ status: "replying", text: "/pair" });
  expect(JSON.stringify([right, eventsAfter(temporary.db, 0, 100)])).not.toContain(code);
  expect(pairedChat(temporary.db)).toBe(7);
  expect(admit(said({ text: "hello" }, 7)).status).toBe("queued");
  logEvent(temporary.db, processId, "chat.unpaired", { chat_id: 7 });
  expect(admit(said({ text: "hello" }, 7)).status).not.toBe("queued");
});

test("with no code out, /pair is a stranger's text like any other", () => {
  expect(replyOf(admission(only(8))(said({ text: "/pair 1" }, 7)))).toMatch(/private/);
});

test("a chat that took the bot away is parked; its next message brings it back", () => {
  const admit = admission(only(7));
  const member = (status: string) => ({ chat: { id: 7 }, from: { id: 7 }, new_chat_member: { status } });
  const blocked = readUpdate({ update_id: 6, my_chat_member: member("kicked") });
  if (blocked) admit(blocked);
  expect(isParked(temporary.db, 7)).toBe(true);
  admit(said({ text: "I am back" }));
  expect(isParked(temporary.db, 7)).toBe(false);
  expect(facts()).toEqual([
    ["chat.parked", 7],
    ["chat.unparked", 7],
  ]);
});

test("a group that becomes a supergroup stays allowed under its new id, with what was said", () => {
  const admit = admission(only(-5));
  temporary.db.exec("INSERT INTO history (chat_id, role, text) VALUES (-5, 'user', 'my name is Ada')");
  admit(said({ migrate_to_chat_id: -100 }, -5));
  expect(admit(said({ text: "hello" }, -100, 9)).status).toBe("queued");
  expect(recentHistory(temporary.db, -100, 9)).toMatchObject([{ text: "my name is Ada" }]);
});

test("a press from an allowed chat is ours; a stranger's is not answered", () => {
  const press = (chatId: number) => {
    const query = { id: "77", from: { id: chatId }, data: "retry:3", message: { message_id: 9, chat: { id: chatId } } };
    const arrival = readUpdate({ update_id: 5, callback_query: query });
    return arrival && admission(only(7))(arrival);
  };
  expect(press(7)).toMatchObject({ status: "queued", kind: "button", text: "retry:3", callbackId: "77" });
  expect(press(9)).toMatchObject({ status: "ignored", text: null });
  expect(facts()).toEqual([]);
});
