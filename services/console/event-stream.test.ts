import { renameSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../shared/temporary-database.ts";
import { type TemporaryConsole, temporaryConsole } from "./temporary-console.ts";

let temporary: TemporaryDatabase;
let local: TemporaryConsole;
beforeEach(() => {
  temporary = temporaryDatabase();
  local = temporaryConsole({ directory: temporary.directory });
});
afterEach(async () => {
  await local.remove({ keep: true });
  temporary.remove();
});

const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
const wish = (type: "hold.requested" | "unhold.requested") =>
  logEvent(temporary.db, null, type, { by: "node@server", from: "cli" });
const receive = () => temporary.db.exec("INSERT INTO inbox (bot_id, update_id, status) VALUES (1, 1, 'queued')");

test("every event comes once, in order, with its id, and what is no event is told as a change", async () => {
  wish(EventType.HoldRequested);
  const stream = follow("?after=0");
  expect(await stream.next()).toMatchObject({
    id: "1",
    data: { id: 1, parent_id: null, event_type: "hold.requested" },
  });
  receive();
  expect(await stream.next()).toEqual({ event: "changed" });
  wish(EventType.UnholdRequested);
  expect(await stream.next()).toMatchObject({ id: "2", data: { event_type: "unhold.requested" } });
});

test("who comes back with Last-Event-ID goes on exactly there, whatever the address says", async () => {
  for (let count = 0; count < 1_200; count++) wish(EventType.HoldRequested);
  const stream = follow("?after=1199", { "Last-Event-ID": "2" });
  const ids: string[] = [];
  while (ids.length < 1_198) ids.push((await stream.next()).id ?? "");
  expect(ids).toEqual(Array.from({ length: 1_198 }, (_, index) => String(index + 3)));
});

test("who asks for nothing is told what comes from now on; an id of a log that is gone means the same", async () => {
  wish(EventType.HoldRequested);
  for (const headers of [{}, { "Last-Event-ID": "900" }]) {
    const stream = follow("", headers);
    expect(await stream.next()).toEqual({ event: "changed" }); // what was written since the page was made
    const id = wish(EventType.UnholdRequested);
    expect(await stream.next()).toMatchObject({ id: String(id) });
  }
});

test("who reads a log that was replaced is told of a change and sent away, to come back to the new one", async () => {
  wish(EventType.HoldRequested);
  const stream = follow("?after=0");
  expect(await stream.next()).toMatchObject({ id: "1" });
  renameSync(temporary.db.name, `${temporary.db.name}.away`);
  receive();
  expect(await stream.next()).toEqual({ event: "changed" });
  expect(await stream.next()).toEqual({}); // it has ended
});

test("who asks for the headers alone gets those of the stream, and leaves nothing running behind", async () => {
  const before = timers();
  const head = await local.page.request("/events", { method: "HEAD" });
  expect([head.status, head.body, timers()]).toEqual([200, null, before]);
  const stream = await local.page.request("/events");
  expect(timers()).toBeGreaterThan(before);
  for (const name of ["content-type", "cache-control"]) expect(head.headers.get(name)).toBe(stream.headers.get(name));
});

interface Told {
  readonly id?: string;
  readonly event?: string;
  readonly data?: unknown;
}

function follow(query: string, headers: Record<string, string> = {}) {
  const events = read(local.page.request(`/events${query}`, { headers }));
  return {
    async next(): Promise<Told> {
      const { value } = await events.next();
      return value ?? {};
    },
  };
}

async function* read(response: Response | Promise<Response>): AsyncGenerator<Told, void> {
  let text = "";
  for await (const more of (await response).body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += more;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const fields = text
        .slice(0, end)
        .split("\n")
        .map((line) => line.split(/: ?(.*)/s));
      text = text.slice(end + 2);
      const told = Object.fromEntries(fields.filter(([name, value]) => name && value));
      if (Object.keys(told).length > 0) yield told.data ? { ...told, data: JSON.parse(told.data) } : told;
    }
  }
}
