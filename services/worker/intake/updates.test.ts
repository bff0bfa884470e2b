import { expect, test } from "@jest/globals";
import { textUpdate } from "./fake-update-source.ts";
import { readUpdate } from "./updates.ts";

const message = { message_id: 1, date: 1, chat: { id: 7 }, from: { id: 8 } };
const nothing = { updateId: 5, chatId: null, senderId: null, messageId: null, messageDate: null, kind: "nothing" };

test("a text is read with who sent it and what it replies to, dated in milliseconds", () => {
  const update = textUpdate(5, "hello");
  const told = { ...update.message, from: { id: 8 }, reply_to_message: { message_id: 4 } };
  expect(readUpdate({ ...update, message: told })).toEqual({
    updateId: 5,
    chatId: 7,
    senderId: 8,
    messageId: 5,
    messageDate: 1_900_000_000_000,
    kind: "text",
    text: "hello",
    replyToMessageId: 4,
  });
});

test("the press of a button is read with the message it stands under", () => {
  const query = { id: "77", from: { id: 8 }, data: "retry:3", message: { message_id: 9, chat: { id: 7 } } };
  expect(readUpdate({ update_id: 5, callback_query: query })).toMatchObject({
    kind: "press",
    chatId: 7,
    senderId: 8,
    messageId: 9,
    data: "retry:3",
    callbackId: "77",
  });
});

test.each([
  ["a photo of an album", { photo: [], media_group_id: "3" }, { kind: "unsupported", albumId: "3" }],
  ["a voice message", { voice: {} }, { kind: "unsupported", albumId: null }],
  ["somebody who joined", { new_chat_members: [] }, { kind: "nothing" }],
  ["a group that became a supergroup", { migrate_to_chat_id: -100 }, { kind: "migrated", toChatId: -100 }],
])("%s is known for what it is", (_, content, expected) => {
  expect(readUpdate({ update_id: 5, message: { ...message, ...content } })).toMatchObject({ chatId: 7, ...expected });
});

test.each([
  ["kicked", false],
  ["left", false],
  ["member", true],
  ["administrator", true],
])("a bot that is %s there may write: %p", (status, mayWrite) => {
  const member = { chat: { id: 7 }, from: { id: 8 }, new_chat_member: { status } };
  expect(readUpdate({ update_id: 5, my_chat_member: member })).toMatchObject({ kind: "membership", mayWrite });
});

test.each([
  ["an edited message", { update_id: 5, edited_message: message }],
  ["a malformed message", { update_id: 5, message: { text: 12 } }],
  ["a press under a message that is gone", { update_id: 5, callback_query: { id: "1", from: { id: 8 } } }],
  ["a kind that does not exist yet", { update_id: 5, hologram: {} }],
])("%s is nothing to us", (_, update) => {
  expect(readUpdate(update)).toEqual(nothing);
});

test.each([null, 7, "x", {}, { update_id: "5" }])("%p, which has no update_id, cannot be kept", (update) => {
  expect(readUpdate(update)).toBeNull();
});
