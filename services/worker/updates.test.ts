import { expect, test } from "@jest/globals";
import { textUpdate } from "./fake-update-source.ts";
import { toIncoming } from "./updates.ts";

const everyone = { kind: "everyone" } as const;
const ignored = { updateId: 5, chatId: null, messageId: null, text: null, messageDate: null, status: "ignored" };

test("a text is queued, dated in milliseconds", () => {
  expect(toIncoming(textUpdate(5, "hello"), everyone)).toEqual({
    updateId: 5,
    chatId: 7,
    messageId: 5,
    text: "hello",
    messageDate: 1_900_000_000_000,
    status: "queued",
  });
});

test("a stranger's message leaves a row without its text", () => {
  const onlyNine = { kind: "listed", ids: new Set([9]) } as const;
  expect(toIncoming(textUpdate(5, "secret"), onlyNine)).toMatchObject({ chatId: 7, text: null, status: "ignored" });
  expect(toIncoming(textUpdate(5, "hello", 9), onlyNine)?.status).toBe("queued");
  expect(toIncoming(textUpdate(5), { kind: "listed", ids: new Set() })?.status).toBe("ignored");
});

test.each([
  ["an edited message", { update_id: 5, edited_message: { message_id: 1 } }],
  ["a photo", { update_id: 5, message: { message_id: 1, date: 1, chat: { id: 7 }, photo: [] } }],
  ["a malformed message", { update_id: 5, message: { text: 12 } }],
  ["a kind that does not exist yet", { update_id: 5, hologram: {} }],
])("%s leaves a row", (_, update) => {
  expect(toIncoming(update, everyone)).toEqual(ignored);
});

test.each([null, 7, "x", {}, { update_id: "5" }])("%p, which has no update_id, leaves none", (update) => {
  expect(toIncoming(update, everyone)).toBeNull();
});
