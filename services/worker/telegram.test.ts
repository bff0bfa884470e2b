import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { ALLOWED_UPDATES } from "./intake/updates.ts";
import { botIdOf, createTelegram } from "./telegram.ts";

/** The adapter over the real client, against a server that answers whatever a test says. */

const TOKEN = "123456:token-of-the-test";

let server: Server;
let respond: (response: ServerResponse) => void;
let requests: { readonly url: string | undefined; readonly body: unknown }[];
beforeEach(async () => {
  requests = [];
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    requests.push({ url: request.url, body: JSON.parse(body) });
    respond(response);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterEach(async () => {
  server.closeAllConnections();
  await once(server.close(), "close");
});

/** A preview would have Telegram fetch whatever address an answer holds. */
const link_preview_options = { is_disabled: true };

const never = new AbortController().signal;
const telegram = () => {
  const apiRoot = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return createTelegram({ token: TOKEN, apiRoot, pollSeconds: 50 });
};
const ok = (result: unknown) => {
  respond = (response) => void response.end(JSON.stringify({ ok: true, result }));
};
const refuse = (error_code: number, description: string, parameters = {}) => {
  respond = (response) =>
    void response.writeHead(error_code).end(JSON.stringify({ ok: false, error_code, description, parameters }));
};

test("a poll names its offset, its time and the kinds of update", async () => {
  ok([{ update_id: 500 }]);
  expect(await telegram().poll(500, 50, never)).toEqual({ kind: "updates", updates: [{ update_id: 500 }] });
  expect(requests).toEqual([
    { url: `/bot${TOKEN}/getUpdates`, body: { offset: 500, timeout: 50, allowed_updates: ALLOWED_UPDATES } },
  ]);
});

test("a Bot API that is elsewhere now is asked there", async () => {
  respond = (response) => {
    if (response.req.url === "/elsewhere") response.end(JSON.stringify({ ok: true, result: [] }));
    else response.writeHead(308, { location: "/elsewhere" }).end();
  };
  expect(await telegram().poll(500, 50, never)).toEqual({ kind: "updates", updates: [] });
  expect(requests.at(-1)?.body).toMatchObject({ offset: 500 });
});

test("requests that follow each other share a connection", async () => {
  const connections = new Set<ServerResponse["socket"]>();
  respond = (response) => {
    connections.add(response.socket);
    response.end(JSON.stringify({ ok: true, result: [] }));
  };
  const { poll } = telegram();
  for (let count = 0; count < 5; count += 1) await poll(0, 0, never);
  expect(connections.size).toBeLessThan(5); // as many as the client was quicker than the end
});

test("the bot's name is what getMe says; none, or no answer, is a value", async () => {
  ok({ id: 1, username: "agent_bot" });
  expect(await telegram().ownName(never)).toEqual({ kind: "named", username: "agent_bot" });
  ok({ id: 1 });
  expect(await telegram().ownName(never)).toEqual({ kind: "refused", detail: "it says no username" });
  refuse(502, "Bad Gateway");
  expect(await telegram().ownName(never)).toEqual({ kind: "uncertain", detail: "Bad Gateway" });
});

test("what cannot be shown as typing says why: so an outage's end can be waited for", async () => {
  refuse(502, "Bad Gateway");
  expect(await telegram().showTyping(7, never)).toEqual({ kind: "uncertain", detail: "Bad Gateway" });
  ok(true);
  expect(await telegram().showTyping(7, never)).toEqual({ kind: "done" });
});

test.each([
  [409, "Conflict: terminated by other getUpdates request", {}, { kind: "conflict" }],
  [401, "Unauthorized", {}, { kind: "unauthorised", detail: "Unauthorized" }],
  [404, "Not Found", {}, { kind: "unauthorised", detail: "Not Found" }],
  [429, "Too Many Requests", { retry_after: 7 }, { kind: "rate limited", retryAfterMs: 7000 }],
  [502, "Bad Gateway", {}, { kind: "unreachable", detail: "Bad Gateway" }],
])("a poll answered with %i is a value", async (code, description, parameters, expected) => {
  refuse(code, description, parameters);
  expect(await telegram().poll(0, 0, never)).toEqual(expected);
});

test.each([undefined, null, {}])(
  "a poll answered with no list of updates (%p) is a bad day, not an end",
  async (result) => {
    ok(result);
    const detail = "the answer holds no list of updates";
    expect(await telegram().poll(0, 0, never)).toEqual({ kind: "unreachable", detail });
  },
);

test("a message is sent, and its id comes back", async () => {
  ok({ message_id: 9 });
  expect(await telegram().send(7, { text: "hello" }, never)).toEqual({ kind: "sent", messageId: 9 });
  expect(requests).toEqual([
    { url: `/bot${TOKEN}/sendMessage`, body: { chat_id: 7, text: "hello", link_preview_options } },
  ]);
});

test.each([
  [400, "Bad Request: chat not found", {}, { kind: "refused", detail: "Bad Request: chat not found" }],
  [
    403,
    "Forbidden: bot was blocked by the user",
    {},
    { kind: "forbidden", detail: "Forbidden: bot was blocked by the user" },
  ],
  [
    400,
    "Bad Request: group chat was upgraded to a supergroup chat",
    { migrate_to_chat_id: -1007 },
    { kind: "migrated", toChatId: -1007, detail: "Bad Request: group chat was upgraded to a supergroup chat" },
  ],
  [
    400,
    "Bad Request: can't parse entities: an entity ends beyond the end of the text",
    {},
    {
      kind: "formatting refused",
      detail: "Bad Request: can't parse entities: an entity ends beyond the end of the text",
    },
  ],
  [429, "Too Many Requests", { retry_after: 3 }, { kind: "rate limited", retryAfterMs: 3000 }],
  [401, "Unauthorized", {}, { kind: "unauthorised", detail: "Unauthorized" }],
  [500, "Internal Server Error", {}, { kind: "uncertain", detail: "Internal Server Error" }],
])("a send answered with %i is a value", async (code, description, parameters, expected) => {
  refuse(code, description, parameters);
  expect(await telegram().send(7, { text: "hello" }, never)).toEqual(expected);
});

test("entities and buttons go along, and a button's data is its callback's", async () => {
  ok({ message_id: 9 });
  const entities = [{ type: "bold", offset: 0, length: 5 }] as const;
  await telegram().send(7, { text: "hello", entities, buttons: [[{ text: "Go", data: "go" }]] }, never);
  const reply_markup = { inline_keyboard: [[{ text: "Go", callback_data: "go" }]] };
  expect(requests[0]?.body).toEqual({ chat_id: 7, text: "hello", entities, reply_markup, link_preview_options });
});

test("an edit that changes nothing has been made, and one of a message that is gone says so", async () => {
  const edit = () => telegram().edit(7, 9, { text: "hello" }, never);
  ok({ message_id: 9 });
  expect(await edit()).toEqual({ kind: "sent", messageId: 9 });
  expect(requests[0]).toEqual({
    url: `/bot${TOKEN}/editMessageText`,
    body: { chat_id: 7, message_id: 9, text: "hello", link_preview_options },
  });
  refuse(400, "Bad Request: message is not modified: specified new message content …");
  expect(await edit()).toEqual({ kind: "sent", messageId: 9 });
  refuse(400, "Bad Request: message to edit not found");
  expect(await edit()).toEqual({ kind: "gone", detail: "Bad Request: message to edit not found" });
});

test("a message is removed once, and again", async () => {
  ok(true);
  expect(await telegram().remove(7, 9, never)).toEqual({ kind: "done" });
  refuse(400, "Bad Request: message to delete not found");
  expect(await telegram().remove(7, 9, never)).toEqual({ kind: "done" });
  refuse(403, "Forbidden: bot was kicked");
  expect(await telegram().remove(7, 9, never)).toEqual({ kind: "forbidden", detail: "Forbidden: bot was kicked" });
});

test("a pressed button is answered, with words or without, and the commands are told", async () => {
  ok(true);
  await telegram().answerButton("77", null, never);
  await telegram().answerButton("78", "Done.", never);
  await telegram().setCommands([{ command: "status", description: "What runs" }], never);
  expect(requests.map(({ body }) => body)).toEqual([
    { callback_query_id: "77" },
    { callback_query_id: "78", text: "Done." },
    { commands: [{ command: "status", description: "What runs" }] },
  ]);
});

test("an answer that never comes, or is no JSON, leaves a poll unreachable and a send uncertain, without the token", async () => {
  for (const answer of [
    (response: ServerResponse) => response.destroy(),
    (response: ServerResponse) => response.end("<html>"),
  ]) {
    respond = answer;
    const results = [await telegram().poll(0, 0, never), await telegram().send(7, { text: "hello" }, never)];
    expect(results).toMatchObject([{ kind: "unreachable" }, { kind: "uncertain" }]);
    expect(JSON.stringify(results)).not.toContain("token-of-the-test");
  }
});

test("without a connection a message was surely not sent", async () => {
  const nobody = createTelegram({ token: TOKEN, apiRoot: "http://127.0.0.1:9", pollSeconds: 50 });
  expect(await nobody.send(7, { text: "hello" }, never)).toMatchObject({ kind: "not sent" });
});

test("a stopped poll rejects at once", async () => {
  const stop = new AbortController();
  respond = () => stop.abort(new Error("stopped"));
  await expect(telegram().poll(0, 50, stop.signal)).rejects.toThrow("stopped");
});

test("a token begins with the bot's id", () => {
  expect(botIdOf(TOKEN)).toBe(123456);
});
