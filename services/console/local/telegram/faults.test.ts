import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type TemporaryConsole, temporaryConsole } from "../../temporary-console.ts";
import { type Fault, suffer, surrounded } from "./faults.ts";
import { restartUpdateIds } from "./restarted-ids.ts";

let local: TemporaryConsole;
let address: string;
let chat: number;
let faults: Record<string, Fault>;
beforeEach(async () => {
  local = temporaryConsole();
  chat = local.telegram.person.startChat();
  faults = {};
  const server = surrounded(local.local, (call, act) => {
    const fault = faults[call.method];
    return fault ? suffer(fault, call, act) : act();
  });
  address = await local.serve(server);
});
afterEach(() => local.remove());

function call(method: string, parameters: object, signal = AbortSignal.timeout(20_000)) {
  const headers = { "Content-Type": "application/json" };
  const init = { method: "POST", headers, body: JSON.stringify(parameters), signal };
  return fetch(`${address}/bot1:local/${method}`, init);
}
const send = (signal?: AbortSignal) => call("sendMessage", { chat_id: chat, text: "hello" }, signal);

async function arrived(): Promise<string[]> {
  const { messages } = (await (await local.ask(`/chats/${chat}/messages`)).json()) as { messages: { text: string }[] };
  return messages.map(({ text }) => text);
}

test("without a fault a call is carried out and answered as ever", async () => {
  expect(await (await send()).json()).toMatchObject({ ok: true, result: { text: "hello" } });
  expect(await arrived()).toEqual(["hello"]);
});

test("a rate limit says how long to wait, and nothing arrives", async () => {
  faults.sendmessage = { kind: "rate limited", retryAfterSeconds: 3 };
  const answer = await send();
  expect(answer.status).toBe(429);
  expect(await answer.json()).toEqual({
    ok: false,
    error_code: 429,
    description: "Too Many Requests: retry after 3",
    parameters: { retry_after: 3 },
  });
  expect(await arrived()).toEqual([]);
});

test.each([
  [true, ["hello"]],
  [false, []],
])("a server error says nothing about whether the message arrived (%s)", async (acted, messages) => {
  faults.sendmessage = { kind: "server error", status: 502, acted };
  const answer = await send();
  expect(answer.status).toBe(502);
  expect(await answer.json()).toMatchObject({ ok: false, error_code: 502 });
  expect(await arrived()).toEqual(messages);
});

test("a page of HTML may come with status 200", async () => {
  faults.sendmessage = { kind: "html page", status: 200, acted: false };
  const answer = await send();
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("text/html");
  expect(await answer.text()).toMatch(/^<html>/);
  expect(await arrived()).toEqual([]);
});

test.each([
  [true, ["hello"]],
  [false, []],
])("a connection drops after the message arrived or before (%s)", async (acted, messages) => {
  faults.sendmessage = { kind: "dropped", acted };
  await expect(send()).rejects.toThrow("fetch failed");
  expect(await arrived()).toEqual(messages);
});

test("an answer may stop in its middle, with the connection open", async () => {
  faults.sendmessage = { kind: "hangs in mid body" };
  const leaving = new AbortController();
  const answer = await send(leaving.signal);
  const reader = answer.body?.getReader();
  const half = Buffer.from((await reader?.read())?.value ?? []).toString();
  expect(half).toMatch(/^\{"ok":true,"result":\{/);
  expect(half.length).toBeLessThan(Number(answer.headers.get("content-length")));
  const rest = reader?.read();
  leaving.abort();
  await expect(rest).rejects.toThrow(/abort/);
  expect(await arrived()).toEqual(["hello"]);
});

test("a fault is one method's: the others go on", async () => {
  faults.getupdates = { kind: "dropped", acted: false };
  await expect(call("getUpdates", {})).rejects.toThrow("fetch failed");
  expect((await send()).status).toBe(200);
});

test("a poll whose answer was lost is answered the same again", async () => {
  local.telegram.person.send(chat, "one");
  faults.getupdates = { kind: "dropped", acted: true };
  await expect(call("getUpdates", { offset: 0 })).rejects.toThrow("fetch failed");
  faults = {};
  expect(await (await call("getUpdates", { offset: 0 })).json()).toMatchObject({
    result: [{ message: { text: "one" } }],
  });
});

test("ids that start anew bring along what was not confirmed, in its order", async () => {
  for (const text of ["one", "two"]) local.telegram.person.send(chat, text);
  restartUpdateIds(local.telegram.db, 7);
  local.telegram.person.send(chat, "three");
  expect(await (await call("getUpdates", {})).json()).toMatchObject({
    result: [
      { update_id: 7, message: { text: "one" } },
      { update_id: 8, message: { text: "two" } },
      { update_id: 9, message: { text: "three" } },
    ],
  });
});
