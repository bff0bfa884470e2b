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

test.each([
  "/deploy",
  "/deploy two words",
  "/rollback -x",
  "/deploy registry.example//me/agent:v2",
  "/deploy a/",
  "/deploy a/../b",
  "/rollback lastgood-worker:dev/",
  "/deploy Lastgood:v2:v3",
  `/deploy ${"a".repeat(600)}`,
])("%s is asked to say which, and why that is none, and nothing is recorded", async (text) => {
  const answer = await chat.ask(text);
  expect(answer.text).toMatch(/^Say which: .* It must be an image reference such as/);
  expect(answer.buttons).toBeUndefined();
});

test("a button acts on its own kind of command alone, whatever row is named in what it carries", async () => {
  const [deploy = ""] = dataOf(await chat.ask("/deploy worker:b"));
  const [rollback = ""] = dataOf(await chat.ask("/rollback worker:a"));
  const [, deployId] = deploy.split(":");
  const [, rollbackId] = rollback.split(":");
  await chat.ask("/status");
  const statusId = Number(rollbackId) + 1;
  for (const forged of [`rollback:${deployId}`, `deploy:${rollbackId}`, `deploy:${statusId}`, `cancel:${statusId}`]) {
    expect((await chat.press(forged)).text).toBe("That was decided already.");
  }
  for (const forged of [
    "constructor:1",
    "deploy",
    "deploy:",
    `deploy:0${deployId}`,
    `deploy:${deployId}:1`,
    "deploy:1e1",
  ]) {
    expect((await chat.press(forged)).text).toBe("That button does nothing any more.");
  }
  expect((await chat.press(`budget:${deployId}`)).text).toBe("That was about another day's budget.");
  expect([...chat.events("deploy.requested"), ...chat.events("rollback.requested")]).toEqual([]);
  expect((await chat.press(deploy)).text).toMatch(/^Asked for/);
});

test("what an older image took for a reference is not requested by the newer one", async () => {
  const [yes = ""] = dataOf(await chat.ask("/deploy worker:b"));
  chat.db.prepare("UPDATE inbox SET text = '/deploy a//b' WHERE id = ?").run(Number(yes.split(":")[1]));
  expect((await chat.press(yes)).text).toBe("It must be an image reference such as lastgood-worker:v2.");
  expect(chat.events("deploy.requested")).toEqual([]);
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
