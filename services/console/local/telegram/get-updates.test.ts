import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { systemClock } from "../../../../shared/clock.ts";
import { type TemporaryConsole, temporaryConsole } from "../../temporary-console.ts";

let local: TemporaryConsole;
let chat: number;
beforeEach(() => {
  local = temporaryConsole();
  chat = local.telegram.person.startChat();
});
afterEach(() => local.remove());

const FIRST = 584_310_027;
const say = (text: string) => local.telegram.person.send(chat, text);
const idsFrom = async (parameters: object) =>
  (await local.call("getUpdates", parameters)).result.map(({ update_id }: { update_id: number }) => update_id);

test("an update has the shape of a real private message", async () => {
  const date = Math.floor(Date.now() / 1000);
  say("/start now");
  expect((await local.call("getUpdates")).result).toEqual([
    {
      update_id: FIRST,
      message: {
        message_id: 1,
        from: { id: 1001, is_bot: false, first_name: "Guest", language_code: "en" },
        chat: { id: 1001, type: "private", first_name: "Guest" },
        date: expect.closeTo(date, -1),
        text: "/start now",
        entities: [{ type: "bot_command", offset: 0, length: 6 }],
      },
    },
  ]);
});

test("an update comes again until a higher offset confirms it, and then never", async () => {
  say("one");
  say("two");
  expect(await idsFrom({})).toEqual([FIRST, FIRST + 1]);
  expect(await idsFrom({ offset: FIRST })).toEqual([FIRST, FIRST + 1]);
  expect(await idsFrom({ offset: FIRST + 1 })).toEqual([FIRST + 1]);
  expect(await idsFrom({ offset: 0 })).toEqual([FIRST + 1]);
  expect(await idsFrom({ offset: FIRST + 2 })).toEqual([]);
  say("three");
  expect(await idsFrom({ offset: 0 })).toEqual([FIRST + 2]);
});

test("a limit is kept, and brought to 1 to 100", async () => {
  for (let count = 0; count < 103; count++) say(`message ${count}`);
  expect(await idsFrom({ limit: 2 })).toEqual([FIRST, FIRST + 1]);
  expect(await idsFrom({ limit: 0 })).toHaveLength(1);
  expect(await idsFrom({ limit: 1000 })).toHaveLength(100);
});

test("a negative offset answers the last of the queue and forgets the rest", async () => {
  for (const text of ["one", "two", "three"]) say(text);
  expect(await idsFrom({ offset: -2 })).toEqual([FIRST + 1, FIRST + 2]);
  expect(await idsFrom({ offset: 0 })).toEqual([FIRST + 1, FIRST + 2]);
});

test("an offset up to ten past the end is believed, one beyond is answered from the head", async () => {
  say("one");
  const end = FIRST + 1;
  expect(await idsFrom({ offset: end + 11 })).toEqual([FIRST]);
  expect(await idsFrom({ offset: end + 10 })).toEqual([]);
  expect(await idsFrom({ offset: 0 })).toEqual([]);
  say("two");
  expect(await idsFrom({ offset: end + 10 })).toEqual([]);
});

test("a poll that waits is woken at once by a message", async () => {
  const poll = local.call("getUpdates", { timeout: 50 });
  await untilPolled();
  const start = Date.now();
  say("wake up");
  expect((await poll).result).toMatchObject([{ update_id: FIRST, message: { text: "wake up" } }]);
  expect(Date.now() - start).toBeLessThan(500);
});

test("a poll without a message ends empty when its time is up, not before", async () => {
  const start = Date.now();
  expect(await local.call("getUpdates", { timeout: 1 })).toEqual({ ok: true, result: [] });
  expect(Date.now() - start).toBeGreaterThanOrEqual(990);
});

test("a second poller ends the first with 409 and goes on itself", async () => {
  const first = local.call("getUpdates", { timeout: 50 });
  const second = local.call("getUpdates", { timeout: 50 });
  expect(await first).toEqual({
    ok: false,
    error_code: 409,
    description: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
  });
  say("for the second");
  expect((await second).result).toMatchObject([{ message: { text: "for the second" } }]);
});

test("a poller that has left no longer counts as one, a few seconds later", async () => {
  await local.remove();
  let ahead = 0;
  local = temporaryConsole({ clock: { ...systemClock, now: () => Date.now() + ahead } });
  chat = local.telegram.person.startChat();
  const leaving = new AbortController();
  const address = await local.serve(local.local);
  const poll = fetch(`${address}/bot1:local/getUpdates?timeout=50`, { signal: leaving.signal });
  await untilPolled();
  ahead = 91_000;
  expect(isConnected()).toBe(true);
  leaving.abort();
  await expect(poll).rejects.toThrow(/abort/);
  for (; isConnected(); ahead += 6_000) await aMoment();
  expect(local.telegram.presence.seenIn(chat).agent).toBe("gone");
});

test("a stop ends a held poll as Telegram's own restart does", async () => {
  const poll = local.call("getUpdates", { timeout: 50 });
  await untilPolled();
  local.stop();
  expect(await poll).toMatchObject({ error_code: 500, description: "Internal Server Error: restart" });
});

test("what is not allowed is not queued, and that is remembered", async () => {
  await local.call("getUpdates", { allowed_updates: ["callback_query"] });
  expect(say("unheard")).toEqual({ message_id: 1, update_id: null });
  expect(await idsFrom({})).toEqual([]);
  await local.call("getUpdates", { allowed_updates: '["message"]' });
  say("heard");
  expect(await idsFrom({})).toEqual([FIRST]);
});

test("a restart on the same file loses no update, no message and gives no id twice", async () => {
  say("one");
  say("two");
  await local.call("getUpdates", { offset: FIRST + 1 });
  await local.call("sendMessage", { chat_id: chat, text: "answer" });
  await local.remove({ keep: true });

  local = temporaryConsole({ directory: local.directory });
  expect(await idsFrom({})).toEqual([FIRST + 1]);
  await idsFrom({ offset: FIRST + 2 });
  expect(say("three")).toEqual({ message_id: 4, update_id: FIRST + 2 });
  expect(local.telegram.person.startChat()).toBe(chat + 1);
  const { messages } = (await (await local.ask(`/chats/${chat}/messages`)).json()) as { messages: { text: string }[] };
  expect(messages.map(({ text }) => text)).toEqual(["one", "two", "answer", "three"]);
});

async function untilPolled(): Promise<void> {
  while (!isConnected()) await aMoment();
}

function isConnected(): boolean {
  return local.telegram.presence.seenIn(chat).agent === "connected";
}

/** Until the next change, or 20 ms. */
function aMoment(): Promise<boolean> {
  return local.telegram.changed.rang(20, new AbortController().signal);
}
