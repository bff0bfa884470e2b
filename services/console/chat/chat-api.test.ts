import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type TemporaryConsole, temporaryConsole } from "../temporary-console.ts";

let local: TemporaryConsole;
beforeEach(() => {
  local = temporaryConsole();
});
afterEach(() => local.remove());

// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for, and compares the whole of it
const answerOf = async (response: Promise<Response>): Promise<[number, any]> => [
  (await response).status,
  await (await response).json(),
];

test("a chat is started, written to and listed with its newest message first", async () => {
  expect(await answerOf(local.ask("/chats", {}))).toEqual([201, { chat_id: 1001 }]);
  expect(await answerOf(local.ask("/chats", {}))).toEqual([201, { chat_id: 1002 }]);
  const sent = await answerOf(local.ask("/chats/1002/messages", { text: "  hello\n" }));
  expect(sent).toEqual([201, { message_id: 1, update_id: 584_310_027 }]);
  await local.call("sendMessage", { chat_id: 1002, text: "x".repeat(200) });
  expect(await answerOf(local.ask("/chats"))).toEqual([
    200,
    {
      chats: [
        { chat_id: 1002, title: "hello", last_text: "x".repeat(120), last_date: expect.any(Number) },
        { chat_id: 1001, title: null, last_text: null, last_date: expect.any(Number) },
      ],
    },
  ]);
});

test("the history is read from any message on, forwards and backwards", async () => {
  const chat = local.telegram.person.startChat();
  for (const text of ["one", "two", "three"]) local.telegram.person.send(chat, text);
  const textsOf = async (query: string) => {
    const [, { messages, change_id }] = await answerOf(local.ask(`/chats/${chat}/messages${query}`));
    return [...messages.map(({ text }: { text: string }) => text), change_id];
  };
  expect(await textsOf("")).toEqual(["one", "two", "three", 3]);
  expect(await textsOf("?after=2")).toEqual(["three", 3]);
  expect(await textsOf("?before=3")).toEqual(["one", "two", 3]);
  expect(await answerOf(local.ask(`/chats/${chat}/messages?after=x`))).toEqual([
    400,
    { error: "after and before must be whole numbers." },
  ]);
});

test("a person answers one of the bot's messages, and the bot is told which", async () => {
  const chat = local.telegram.person.startChat();
  await local.call("sendMessage", { chat_id: chat, text: "an answer" });
  await local.ask(`/chats/${chat}/messages`, { text: "/why", reply_to: 1 });
  await local.ask(`/chats/${chat}/messages`, { text: "/why", reply_to: 77 });
  const [first, second] = (await local.call("getUpdates")).result;
  expect(first.message.reply_to_message).toMatchObject({ message_id: 1, text: "an answer" });
  expect(second.message).not.toHaveProperty("reply_to_message");
});

test("an empty or over-long text is refused in words and sent to nobody", async () => {
  const chat = local.telegram.person.startChat();
  const send = (body: unknown) => answerOf(local.ask(`/chats/${chat}/messages`, body));
  expect(await send({ text: " \n" })).toEqual([400, { error: "text: must not be empty." }]);
  expect(await send({})).toEqual([400, { error: "text: must be a text." }]);
  expect(await send({ text: `${"😀".repeat(2048)}a` })).toEqual([
    400,
    { error: "text: must not be longer than 4096 UTF-16 units." },
  ]);
  expect((await send({ text: "😀".repeat(2048) }))[0]).toBe(201);
  expect((await local.call("getUpdates")).result).toHaveLength(1);
});

test("what does not exist, is no JSON or is too big has a status of its own", async () => {
  const chat = local.telegram.person.startChat();
  expect(await answerOf(local.ask("/chats/9/messages", { text: "x" }))).toEqual([
    404,
    { error: "There is no such chat." },
  ]);
  expect((await local.ask("/chats/9/stream")).status).toBe(404);
  expect(await answerOf(local.ask("/nowhere"))).toEqual([
    404,
    { error: "Nothing is at this address, or not any more." },
  ]);
  expect((await local.ask(`/chats/${chat}/messages`, { text: "x".repeat(64 * 1024) })).status).toBe(413);
  const broken = await local.page.request(`/chats/${chat}/messages`, { method: "POST", body: "{" });
  expect([broken.status, await broken.json()]).toEqual([400, { error: "The body is not JSON." }]);
});

test("a button is pressed once it is there, and refused once it is gone", async () => {
  const chat = local.telegram.person.startChat();
  const reply_markup = { inline_keyboard: [[{ text: "Go", callback_data: "go" }]] };
  await local.call("sendMessage", { chat_id: chat, text: "Ready?", reply_markup });
  const press = () => answerOf(local.ask(`/chats/${chat}/buttons`, { message_id: 1, data: "go" }));
  expect(await press()).toEqual([201, { update_id: 584_310_027 }]);
  await local.call("editMessageText", { chat_id: chat, message_id: 1, text: "Gone" });
  expect(await press()).toEqual([409, { error: "That message has no such button any more." }]);
});
