import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Database, openDatabase } from "../../shared/database.ts";
import { logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { writeHostileRows } from "../../shared/fake-hostile-log.ts";
import { initSchema } from "../../shared/schema.ts";
import { type TemporaryConsole, temporaryConsole } from "./temporary-console.ts";

/** Every page over a log in which somebody who means harm has written. */

let local: TemporaryConsole;
let db: Database;
beforeEach(() => {
  local = temporaryConsole();
  db = openDatabase(join(local.directory, "lastgood.db"));
  initSchema(db);
  db.exec("INSERT INTO inbox (bot_id, update_id, chat_id, text, status) VALUES (1, 1, 1, 'hello', 'failed')");
  const worker = { role: "worker", pid: 2, version: "v", instance: "1.1", bot_id: 1 } as const;
  const process_id = logEvent(db, null, EventType.ProcessStarted, worker);
  const attempt = { chat_id: 1, task_id: 1, update_id: 1, process_id, attempt: 1 };
  const agent = logEvent(db, null, EventType.AgentStarted, attempt);
  logEvent(db, agent, EventType.TurnStarted, { model: "m", turn: 1 });
});
afterEach(async () => {
  db.close();
  await local.remove();
});

const PAGES = [
  ...["/", "/revisions", "/revisions?older=true", "/revisions/ask?wish=rollback", "/revisions?request=1", "/messages"],
  ...[
    "/messages?outcome=failed",
    "/messages/1",
    "/messages/1/texts/message",
    "/usage",
    "/usage?days=365",
    "/set-aside",
  ],
  ...["/set-aside/1/drop", "/chat", "/healthz", "/metrics"],
];

async function answers(): Promise<[string, number, string][]> {
  const told: [string, number, string][] = [];
  for (const path of PAGES) {
    const response = await local.page.request(path);
    told.push([path, response.status, await response.text()]);
  }
  return told;
}

test.each(["unreadable", "steering"] as const)("every page is there over a log of rows that are %s", async (kind) => {
  writeHostileRows(db, kind, 1);
  const told = await answers();
  expect(told.filter(([, status]) => status !== 200).map(([path, status]) => [path, status])).toEqual([]);
  expect(told.filter(([, , text]) => text.length > 1_000_000).map(([path]) => path)).toEqual([]);
  expect((await local.page.request("/readyz")).status).toBe(503); // and says why
});

test("a request that nobody could have made has no progress, and every request's page is there", async () => {
  writeHostileRows(db, "unreadable", 1);
  const ids = db.prepare("SELECT id FROM events WHERE event_type LIKE '%.requested'").pluck().all();
  for (const id of ids) expect([id, (await local.page.request(`/revisions?request=${id}`)).status]).toEqual([id, 200]);
});

test("what is told live holds no row that is too long, and no id that is none", async () => {
  writeHostileRows(db, "unreadable", 1);
  const address = await local.serve(local.page);
  const stream = await fetch(`${address}/events?after=0`);
  let text = "";
  for await (const part of (stream.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes("log.archived") && text.endsWith("\n\n")) break;
  }
  expect(text).toContain('"event_type":"worker.exited","payload":{"unreadable":true}');
  expect(text.length).toBeLessThan(3_000_000);
});
