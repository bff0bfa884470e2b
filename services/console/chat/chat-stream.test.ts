import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { temporaryDatabase } from "../../../shared/temporary-database.ts";
import { type TemporaryConsole, temporaryConsole } from "../temporary-console.ts";

let local: TemporaryConsole;
let chat: number;
beforeEach(() => {
  local = temporaryConsole();
  chat = local.telegram.person.startChat();
});
afterEach(() => local.remove());

interface StreamEvent {
  readonly event: string;
  readonly id: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it reads
  readonly data: any;
}

test("a stream tells the history, then what is new and what is edited, each once", async () => {
  local.telegram.person.send(chat, "question");
  const stream = open("");
  expect(await stream.messages(1)).toEqual([["1", 1, "question"]]);
  await local.call("sendMessage", { chat_id: chat, text: "draft" });
  expect(await stream.messages(1)).toEqual([["2", 2, "draft"]]);
  await local.call("editMessageText", { chat_id: chat, message_id: 2, text: "answer" });
  expect(await stream.messages(1)).toEqual([["3", 2, "answer"]]);
});

test("a stream tells what was deleted, and the history leaves it out", async () => {
  await local.call("sendMessage", { chat_id: chat, text: "kept" });
  await local.call("sendMessage", { chat_id: chat, text: "draft" });
  const stream = open("?after=2");
  await local.call("deleteMessage", { chat_id: chat, message_id: 2 });
  expect(await stream.deleted()).toEqual({ message_id: 2 });
  const { messages } = (await (await local.ask(`/chats/${chat}/messages`)).json()) as { messages: { text: string }[] };
  expect(messages.map(({ text }) => text)).toEqual(["kept"]);
});

test("who comes back with Last-Event-ID misses nothing and reads nothing twice", async () => {
  for (const text of ["one", "two", "three"]) await local.call("sendMessage", { chat_id: chat, text });
  const elsewhere = local.telegram.person.startChat();
  await local.call("sendMessage", { chat_id: elsewhere, text: "for another" });
  await local.call("editMessageText", { chat_id: chat, message_id: 1, text: "one, edited" });
  expect(await open("", { "Last-Event-ID": "2" }).messages(2)).toEqual([
    ["3", 3, "three"],
    ["5", 1, "one, edited"],
  ]);
  expect(await open("?after=1", { "Last-Event-ID": "3" }).messages(1)).toEqual([["5", 1, "one, edited"]]);
  expect(await open("?after=3").messages(1)).toEqual([["5", 1, "one, edited"]]);
});

test("an id of a file that is gone brings the whole chat", async () => {
  local.telegram.person.send(chat, "hello");
  expect(await open("", { "Last-Event-ID": "900" }).messages(1)).toEqual([["1", 1, "hello"]]);
});

test("more changes than one batch holds all come", async () => {
  for (let count = 0; count < 250; count++) local.telegram.person.send(chat, `message ${count}`);
  expect((await open("").messages(250)).at(-1)).toEqual(["250", 250, "message 249"]);
});

test("the agent's coming and its typing are told as they happen", async () => {
  const stream = open("");
  expect(await stream.presence()).toEqual({ agent: "unseen", typing: false, notice: null, newest_change: 0 });
  await local.call("getUpdates");
  expect(await stream.presence()).toMatchObject({ agent: "connected" });
  await local.call("sendChatAction", { chat_id: chat, action: "typing" });
  expect(await stream.presence()).toMatchObject({ typing: true });
  await local.call("sendMessage", { chat_id: chat, text: "done" });
  expect(await stream.presence()).toMatchObject({ typing: false, newest_change: 1 });
});

test("an agent that has a bot of its own is told to be elsewhere, until it asks here", async () => {
  const { db, directory, remove } = temporaryDatabase();
  const supervisor = logEvent(db, null, EventType.ProcessStarted, { role: "supervisor", pid: 1, version: "v" });
  const worker = { instance: "1.1", revision: "worker:a", image_id: "sha256:a" };
  logEvent(db, supervisor, EventType.WorkerSpawned, { ...worker, pid: 2, container_id: "c" });
  const started = { role: "worker", pid: 2, version: "v", instance: "1.1", bot_id: 4242 } as const;
  logEvent(db, supervisor, EventType.ProcessStarted, started);
  await local.remove();
  local = temporaryConsole({ directory });
  chat = local.telegram.person.startChat();
  const stream = open("");
  expect(await stream.presence()).toMatchObject({ agent: "elsewhere" });
  await local.call("getUpdates");
  expect(await stream.presence()).toMatchObject({ agent: "connected" });
  await local.remove({ keep: true });
  remove();
  local = temporaryConsole();
});

test("a stop ends every stream", async () => {
  const stream = open("");
  await stream.presence();
  local.stop();
  expect(await stream.ended()).toBe(true);
});

test("who asks for the headers alone gets those of the stream, and leaves nothing running behind", async () => {
  const before = timers();
  const head = await local.page.request(`/chats/${chat}/stream`, { method: "HEAD" });
  expect([head.status, head.body, timers()]).toEqual([200, null, before]);
  expect(head.headers.get("content-type")).toBe("text/event-stream");
});

const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;

function open(query: string, headers: Record<string, string> = {}) {
  const events = readEvents(local.page.request(`/chats/${chat}/stream${query}`, { headers }));
  const next = async (event: string): Promise<StreamEvent> => {
    for (;;) {
      const { value, done } = await events.next();
      if (done) throw new Error("the stream has ended");
      if (value.event === event) return value;
    }
  };
  return {
    async messages(count: number) {
      const found: unknown[] = [];
      while (found.length < count) {
        const { id, data } = await next("message");
        found.push([id, data.message_id, data.text]);
      }
      return found;
    },
    deleted: async () => (await next("deleted")).data,
    presence: async () => (await next("presence")).data,
    ended: async () => (await events.next()).done,
  };
}

async function* readEvents(response: Response | Promise<Response>): AsyncGenerator<StreamEvent, void> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of (await response).body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const lines = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const data = field("data");
      if (data !== undefined)
        yield { event: field("event") ?? "message", id: field("id") ?? null, data: JSON.parse(data) };
    }
  }
}
