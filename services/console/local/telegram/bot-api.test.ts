import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { systemClock } from "../../../../shared/clock.ts";
import { type TemporaryConsole, temporaryConsole } from "../../temporary-console.ts";

let local: TemporaryConsole;
let chat_id: number;
beforeEach(() => {
  local = temporaryConsole();
  chat_id = local.telegram.person.startChat();
});
afterEach(() => local.remove());

const badRequest = (reason: string) => ({ ok: false, error_code: 400, description: `Bad Request: ${reason}` });
const keyboard = (data: string) => ({ inline_keyboard: [[{ text: "Yes", callback_data: data }]] });

test("a sent message has the shape of a real one, with its formatting as entities", async () => {
  const sent = await local.call("sendMessage", { chat_id, text: " <b>Hi</b> &amp; bye ", parse_mode: "HTML" });
  expect(sent.result).toEqual({
    message_id: 1,
    from: { id: 1, is_bot: true, first_name: "Local agent", username: "local_agent_bot" },
    chat: { id: chat_id, type: "private", first_name: "Guest" },
    date: expect.any(Number),
    text: "Hi & bye",
    entities: [{ type: "bold", offset: 0, length: 2 }],
  });
  expect(Math.abs(sent.result.date - Date.now() / 1000)).toBeLessThan(5);
});

test("a text is measured in UTF-16 units, after trimming and without its markup", async () => {
  const send = (text: string, more = {}) => local.call("sendMessage", { chat_id, text, ...more });
  expect(await send("😀".repeat(2048))).toMatchObject({ ok: true });
  expect(await send(`${"😀".repeat(2048)}a`)).toEqual(badRequest("message is too long"));
  expect(await send(`  ${"a".repeat(4096)}\n`)).toMatchObject({ ok: true });
  expect(await send(`<b>${"a".repeat(4096)}</b>`, { parse_mode: "HTML" })).toMatchObject({ ok: true });
  expect(await send("a".repeat(4097))).toEqual(badRequest("message is too long"));
  expect(await send(" \n ")).toEqual(badRequest("message text is empty"));
  expect(await send("<b> </b>", { parse_mode: "HTML" })).toEqual(badRequest("message text is empty"));
});

test("what cannot be sent is refused in Telegram's words", async () => {
  const send = (parameters: object) => local.call("sendMessage", { chat_id, text: "x", ...parameters });
  expect(await send({ chat_id: 4711 })).toEqual(badRequest("chat not found"));
  expect(await send({ chat_id: "" })).toEqual(badRequest("chat_id is empty"));
  expect(await send({ text: undefined })).toEqual(badRequest("message text is empty"));
  expect(await send({ parse_mode: "Word" })).toEqual(badRequest("unsupported parse_mode"));
  expect(await send({ entities: [{ type: "bold", offset: 0, length: 2 }] })).toEqual(
    badRequest("can't parse entities: an entity ends beyond the end of the text"),
  );
  expect(await send({ reply_markup: keyboard("x".repeat(65)) })).toEqual(badRequest("BUTTON_DATA_INVALID"));
  expect(await send({ reply_parameters: { message_id: 9 } })).toEqual(badRequest("message to be replied not found"));
});

test("a reply carries the message it answers", async () => {
  local.telegram.person.send(chat_id, "question");
  const sent = await local.call("sendMessage", { chat_id, text: "answer", reply_parameters: { message_id: 1 } });
  expect(sent.result.reply_to_message).toMatchObject({ message_id: 1, text: "question" });
});

test("an edit changes the text, and one that changes nothing is refused", async () => {
  await local.call("sendMessage", { chat_id, text: "first", reply_markup: keyboard("a") });
  const edit = (parameters: object) => local.call("editMessageText", { chat_id, message_id: 1, ...parameters });
  expect(await edit({ text: "first", reply_markup: keyboard("a") })).toMatchObject({
    error_code: 400,
    description: expect.stringMatching(/^Bad Request: message is not modified: /),
  });
  const edited = await edit({ text: "second" });
  expect(edited.result).toMatchObject({ message_id: 1, text: "second", edit_date: expect.any(Number) });
  expect(edited.result).not.toHaveProperty("reply_markup");
  local.telegram.person.send(chat_id, "mine");
  expect(await edit({ message_id: 2, text: "x" })).toEqual(badRequest("message can't be edited"));
  expect(await edit({ message_id: 3, text: "x" })).toEqual(badRequest("message to edit not found"));
});

test("a deleted message is gone, and its id is given to no other", async () => {
  await local.call("sendMessage", { chat_id, text: "first" });
  await local.call("sendMessage", { chat_id, text: "second" });
  const remove = () => local.call("deleteMessage", { chat_id, message_id: 2 });
  expect(await remove()).toEqual({ ok: true, result: true });
  expect(await remove()).toEqual(badRequest("message to delete not found"));
  const edit = await local.call("editMessageText", { chat_id, message_id: 2, text: "x" });
  expect(edit).toEqual(badRequest("message to edit not found"));
  expect((await local.call("sendMessage", { chat_id, text: "third" })).result.message_id).toBe(3);
});

test("the commands are what the bot told last", async () => {
  const commands = [{ command: "/status", description: "What runs" }];
  expect(await local.call("setMyCommands", { commands })).toEqual({ ok: true, result: true });
  const told = [{ command: "status", description: "What runs" }];
  expect(await local.call("getMyCommands")).toEqual({ ok: true, result: told });
  expect(await (await local.ask("/commands")).json()).toEqual({ commands: told });
  expect(await local.call("setMyCommands", { commands: [{ command: "No!", description: "x" }] })).toMatchObject({
    error_code: 400,
  });
});

test("a press becomes an update, and its answer a notice in the chat", async () => {
  await local.call("sendMessage", { chat_id, text: "Sure?", reply_markup: keyboard("yes") });
  expect(local.telegram.person.press(chat_id, 1, "no")).toEqual({ kind: "no such button" });
  local.telegram.person.press(chat_id, 1, "yes");
  const [update] = (await local.call("getUpdates")).result;
  expect(update.callback_query).toEqual({
    id: "1",
    from: { id: chat_id, is_bot: false, first_name: "Guest", language_code: "en" },
    message: expect.objectContaining({ message_id: 1, text: "Sure?", reply_markup: keyboard("yes") }),
    chat_instance: String(chat_id),
    data: "yes",
  });
  const answer = (callback_query_id: string) => local.call("answerCallbackQuery", { callback_query_id, text: "Done" });
  expect(await answer("1")).toEqual({ ok: true, result: true });
  expect(local.telegram.presence.seenIn(chat_id).notice).toEqual({ id: 1, text: "Done" });
  expect(await answer("2")).toMatchObject({ error_code: 400 });
});

test("typing shows for five seconds, or until the message comes", async () => {
  await local.remove();
  let ahead = 0;
  local = temporaryConsole({ clock: { ...systemClock, now: () => Date.now() + ahead } });
  chat_id = local.telegram.person.startChat();
  const type = (action: string) => local.call("sendChatAction", { chat_id, action });
  const isTyping = () => local.telegram.presence.seenIn(chat_id).typing;
  expect(await type("typing")).toEqual({ ok: true, result: true });
  expect(isTyping()).toBe(true);
  ahead = 5_000;
  expect(isTyping()).toBe(false);
  await type("typing");
  await local.call("sendMessage", { chat_id, text: "there" });
  expect(isTyping()).toBe(false);
  expect(await type("dance")).toEqual(badRequest("wrong parameter action in request"));
});

test("parameters may come in the query, in a form, in a multipart form or in JSON", async () => {
  const address = "http://localhost/bot1:local/sendMessage";
  const parameters = { chat_id: String(chat_id), text: "x", reply_markup: JSON.stringify(keyboard("a")) };
  const multipart = new FormData();
  for (const [name, value] of Object.entries(parameters)) multipart.set(name, value);
  const requests = [
    new Request(`${address}?${new URLSearchParams(parameters)}`),
    new Request(address, { method: "POST", body: new URLSearchParams(parameters) }),
    new Request(address, { method: "POST", body: multipart }),
  ];
  for (const request of requests) {
    const response = await local.local.fetch(request);
    expect([response.status, await response.json()]).toMatchObject([200, { result: { reply_markup: keyboard("a") } }]);
  }
  const broken = { method: "POST", headers: { "Content-Type": "application/json" }, body: "{" };
  expect(await (await local.local.request(address, broken)).json()).toEqual(badRequest("can't parse JSON object"));
});

test("the status is the error code: 401 for another token, 404 for an unknown method", async () => {
  const statusOf = async (path: string) => (await local.local.request(path)).status;
  expect(await statusOf("/bot1:local/getme")).toBe(200);
  expect(await statusOf("/bot1%3Alocal/getMe")).toBe(200);
  expect(await statusOf("/bot1:other/getMe")).toBe(401);
  expect(await statusOf("/bot1:local/flyAway")).toBe(404);
  expect(await statusOf("/bot1:local/constructor")).toBe(404);
  expect(await statusOf("/bot1:local/sendMessage?text=x&chat_id=5")).toBe(400);
});

test("a webhook's removal drops what is pending only when asked to", async () => {
  local.telegram.person.send(chat_id, "waiting");
  const pending = async () => (await local.call("getWebhookInfo")).result.pending_update_count;
  await local.call("deleteWebhook");
  expect(await pending()).toBe(1);
  await local.call("deleteWebhook", { drop_pending_updates: true });
  expect(await pending()).toBe(0);
});

test("a web page is kept away from the local ports, whatever name it uses", async () => {
  const statusOf = async (headers: Record<string, string>, host = "127.0.0.1:8081") =>
    (await local.local.request(`http://${host}/bot1:local/getMe`, { headers })).status;
  expect(await statusOf({})).toBe(200);
  for (const host of ["console:8081", "localhost:8081", "[::1]:8081"]) expect(await statusOf({}, host)).toBe(200);
  expect(await statusOf({ Origin: "http://evil.example" })).toBe(403);
  expect(await statusOf({ "Sec-Fetch-Site": "cross-site" })).toBe(403);
  expect(await statusOf({}, "rebound.evil.example:8081")).toBe(403);
  for (const host of ["172.18.0.3:8081", "2886860803:8081", "0.0.0.0:8081", "[fd00::3]:8081", "[::ffff:ac12:3]:8081"]) {
    expect([host, await statusOf({}, host)]).toEqual([host, 403]); // there a browser's GET does not say whose it is
  }
});
