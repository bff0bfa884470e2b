import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../../../shared/event-log.ts";
import { untoldOutcome } from "../operator/untold-outcome.ts";
import { fakeConversation } from "./fake-conversation.ts";

let chat: ReturnType<typeof fakeConversation>;
beforeEach(() => {
  chat = fakeConversation();
});
afterEach(() => chat.remove());

const dataOf = ({ buttons }: { buttons?: readonly (readonly { data: string }[])[] | undefined }) =>
  (buttons ?? []).flat().map(({ data }) => data);

test("a deploy is asked back first; confirmed, it is requested once, however often the button is pressed", async () => {
  const question = await chat.ask("/deploy lastgood-worker:v2");
  expect(question.text).toBe("Deploy lastgood-worker:v2?");
  expect(chat.events("deploy.requested")).toEqual([]);
  const [yes = "", cancel = ""] = dataOf(question);
  expect((await chat.press(yes)).text).toMatch(/^Asked for, as request \d+\./);
  expect(chat.sender.edited).toEqual([{ chatId: 7, messageId: expect.any(Number), text: question.text }]); // no buttons
  expect((await chat.press(yes)).text).toBe("That was decided already.");
  expect((await chat.press(cancel)).text).toBe("That was decided already.");
  expect(chat.events("deploy.requested")).toEqual([{ by: "7", from: "chat", revision: "lastgood-worker:v2" }]);
});

test("a rollback without a name means the previous good one", async () => {
  const [yes = ""] = dataOf(await chat.ask("/rollback"));
  await chat.press(yes);
  expect(chat.events("rollback.requested")).toEqual([{ by: "7", from: "chat", revision: null }]);
});

test("what is cancelled is not requested", async () => {
  const [yes = "", cancel = ""] = dataOf(await chat.ask("/rollback worker:a"));
  expect((await chat.press(cancel)).text).toBe("Cancelled.");
  await chat.press(yes);
  expect(chat.events("rollback.requested")).toEqual([]);
});

test("a question of a group is decided in the supergroup that it became, and in no other chat", async () => {
  const [yes = ""] = dataOf(await chat.ask("/rollback worker:a"));
  logEvent(chat.db, chat.processId, "chat.migrated", { chat_id: 7, to_chat_id: -1007 });
  expect((await chat.press(yes)).text).toBe("That was decided already.");
  expect((await chat.press(yes, { chatId: -1007 })).text).toMatch(/^Asked for/);
  expect(chat.events("rollback.requested")).toEqual([{ by: "-1007", from: "chat", revision: "worker:a" }]);
});

test.each(["/deploy", "/deploy two words", "/rollback -x"])("%s is asked to say which", async (text) => {
  const answer = await chat.ask(text);
  expect(answer.text).toMatch(/^Say which/);
  expect(answer.buttons).toBeUndefined();
});

test("what became of a request from a chat is to be told there, once, when it is decided", async () => {
  const [yes = ""] = dataOf(await chat.ask("/deploy worker:b"));
  await chat.press(yes);
  expect(untoldOutcome(chat.db)).toBeNull();
  const requestId = Number(
    chat.db.prepare("SELECT id FROM events WHERE event_type = 'deploy.requested'").pluck().get(),
  );
  const rejected = { request_id: requestId, revision: "worker:b", reason: "there is no such image" };
  logEvent(chat.db, null, "deploy.rejected", rejected);
  const outcome = { kind: "rejected", reason: "there is no such image" };
  expect(untoldOutcome(chat.db)).toEqual({ requestId, kind: "deploy", chatId: 7, outcome });
  logEvent(chat.db, chat.processId, "operator.told", { about: requestId, chat_id: 7, message_id: 1 });
  expect(untoldOutcome(chat.db)).toBeNull();
});
