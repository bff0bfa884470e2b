import { spawn } from "node:child_process";
import { once } from "node:events";
import { statSync, utimesSync } from "node:fs";
import { watch } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Database } from "../../shared/database.ts";
import { logEvent } from "../../shared/event-log.ts";
import { nextEvent } from "../../shared/follow.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../shared/temporary-database.ts";

/** The worker as a real process, while another one holds the write lock of its database. */

const PROGRAM = join(import.meta.dirname, "main.ts");
const PATIENCE_MS = 60_000;

let temporary: TemporaryDatabase;
let telegram: Server;
/** A poll that waits for its answer; and what was sent. */
let poll: PromiseWithResolvers<ServerResponse>;
let sent: PromiseWithResolvers<string>;
let stopAll: AbortController;
beforeEach(async () => {
  temporary = temporaryDatabase();
  poll = Promise.withResolvers();
  sent = Promise.withResolvers();
  stopAll = new AbortController();
  let polls = 0;
  telegram = createServer(async (request, response) => {
    const method = String(request.url?.split("/").at(-1));
    const body = Buffer.concat(await request.toArray()).toString();
    const ok = (result: unknown) => response.end(JSON.stringify({ ok: true, result }));
    if (method === "sendMessage") {
      sent.resolve(body);
      ok({ message_id: 9 });
    } else if (method === "getUpdates") {
      polls += 1;
      if (polls === 1) ok([]);
      else poll.resolve(response);
    } else ok(true);
  });
  await once(telegram.listen(0, "127.0.0.1"), "listening");
});
afterEach(async () => {
  stopAll.abort();
  telegram.closeAllConnections();
  await once(telegram.close(), "close");
  temporary.remove();
});

function start() {
  const supervisor = logEvent(temporary.db, null, "process.started", { role: "supervisor", pid: 1, version: "v" });
  const env = {
    STATE_DIR: temporary.directory,
    PARENT_PROCESS_ID: String(supervisor),
    WORKER_INSTANCE: `${supervisor}.1`,
    TELEGRAM_BOT_TOKEN: "42:token",
    TELEGRAM_API_ROOT: `http://127.0.0.1:${(telegram.address() as AddressInfo).port}`,
    TELEGRAM_OWNER_CHAT: "7",
    OPENAI_API_KEY: "none",
  };
  const child = spawn(process.execPath, [PROGRAM], { env, signal: stopAll.signal, killSignal: "SIGKILL" });
  child.on("error", () => {}); // it was killed at the end of a test
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  return { child, exit: once(child, "close").then(([code]) => ({ code, output })) };
}

const ready = () =>
  nextEvent(temporary.db, 0, ({ eventType }) => eventType === "worker.ready", AbortSignal.timeout(PATIENCE_MS));

function lock(): Database {
  const other = temporary.connect();
  other.prepare("BEGIN IMMEDIATE").run();
  return other;
}

/** Sets the heartbeat back, and waits until the worker touches it again. */
async function heartbeat(): Promise<void> {
  const file = join(temporary.directory, "heartbeat");
  utimesSync(file, 1, 1);
  for await (const _ of watch(file, { signal: AbortSignal.timeout(PATIENCE_MS) })) {
    if (statSync(file).mtimeMs > 1000) return;
  }
}

const MESSAGE = {
  message_id: 1,
  date: 4_000_000_000,
  chat: { id: 7, type: "private" },
  from: { id: 7 },
  text: "/status",
};

test("a message that comes while another process holds the lock for long is answered, and nothing crashes", async () => {
  const { child, exit } = start();
  await ready();
  const response = await poll.promise;
  const other = lock();
  poll = Promise.withResolvers();
  response.end(JSON.stringify({ ok: true, result: [{ update_id: 5, message: MESSAGE }] }));
  // It is touched once a try, beside a wait that is longer than any other process has.
  for (let beats = 0; beats < 7; beats += 1) await heartbeat();
  other.prepare("COMMIT").run();
  expect(JSON.parse(await sent.promise)).toMatchObject({
    chat_id: 7,
    text: expect.stringContaining("No message waits"),
  });
  child.kill("SIGTERM");
  expect(await exit).toMatchObject({ code: 0 });
}, 60_000);

test("a lock that is held for longer than 30 s ends the worker with 75, and says so in one line", async () => {
  const { exit } = start();
  await ready();
  const response = await poll.promise;
  const other = lock();
  response.end(JSON.stringify({ ok: true, result: [{ update_id: 5, message: MESSAGE }] }));
  const { code, output } = await exit;
  expect(code).toBe(75);
  expect(output.trimEnd().split("\n").at(-1)).toMatch(/^the state directory cannot be written to \(SQLITE_BUSY\)/);
  other.prepare("ROLLBACK").run();
  expect(temporary.db.prepare("SELECT count(*) FROM inbox").pluck().get()).toBe(0); // and Telegram has it still
}, 60_000);
