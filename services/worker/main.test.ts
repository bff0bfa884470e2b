import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync, utimesSync } from "node:fs";
import { watch } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent, newestEvent } from "../../shared/event-log.ts";
import { fakeExit } from "../../shared/fake-exit.ts";
import { nextEvent } from "../../shared/follow.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../shared/temporary-database.ts";

/** The worker as a real process, over a real file, against a Telegram that answers as a test says. */

const PROGRAM = join(import.meta.dirname, "main.ts");
/** A process takes some 300 ms to start here; this is when to stop waiting for one that never will. */
const PATIENCE_MS = 20_000;

let temporary: TemporaryDatabase;
let telegram: Server;
let status: number;
let asked: string[];
let stopAll: AbortController;
beforeEach(async () => {
  temporary = temporaryDatabase();
  status = 200;
  asked = [];
  stopAll = new AbortController();
  telegram = createServer((request, response) => {
    const method = String(request.url?.split("/").at(-1));
    asked.push(method);
    if (status !== 200) {
      response.writeHead(status).end(JSON.stringify({ ok: false, error_code: status, description: "as told" }));
    } else if (method === "getMe") {
      return; // nothing waits for the answer
    } else if (method === "sendMessage") {
      response.end(JSON.stringify({ ok: true, result: { message_id: 9 } }));
    } else if (asked.filter((other) => other === "getUpdates").length === 1) {
      response.end(JSON.stringify({ ok: true, result: [] })); // a later poll is held open
    }
  });
  await once(telegram.listen(0, "127.0.0.1"), "listening");
});
afterEach(async () => {
  stopAll.abort();
  telegram.closeAllConnections();
  await once(telegram.close(), "close");
  temporary.remove();
});

function settings(): Record<string, string> {
  const supervisor = logEvent(temporary.db, null, "process.started", { role: "supervisor", pid: 1, version: "v" });
  return {
    STATE_DIR: temporary.directory,
    PARENT_PROCESS_ID: String(supervisor),
    WORKER_INSTANCE: `${supervisor}.1`,
    TELEGRAM_BOT_TOKEN: "42:token",
    TELEGRAM_API_ROOT: `http://127.0.0.1:${(telegram.address() as AddressInfo).port}`,
    TELEGRAM_OWNER_CHAT: "-7",
    OPENAI_API_KEY: "none",
  };
}

function start(args: string[], environment: Record<string, string>) {
  const options = { env: environment, signal: stopAll.signal, killSignal: "SIGKILL" as const };
  const child = spawn(process.execPath, [PROGRAM, ...args], options);
  child.on("error", () => {}); // it was killed at the end of a test
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  return { child, exit: once(child, "close").then(([code]) => ({ code, output })) };
}

async function eventOfType(type: string) {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const event = await nextEvent(temporary.db, 0, ({ eventType }) => eventType === type, patience);
  if (!event) throw new Error(`no ${type} came`);
  return event;
}

test("a worker in an outage says so and its heart goes on beating; asked to stop, it leaves with 0", async () => {
  status = 502;
  const { child, exit } = start([], settings());
  const unavailable = await eventOfType("upstream.unavailable");
  expect(unavailable.payload).toEqual({ upstream: "telegram", reason: "unreachable: as told" });
  expect(unavailable.parentId).toBe(newestEvent(temporary.db, "process.started")?.id);
  const heartbeat = join(temporary.directory, "heartbeat");
  utimesSync(heartbeat, 1, 1);
  for await (const _ of watch(heartbeat, { signal: AbortSignal.timeout(PATIENCE_MS) })) {
    if (statSync(heartbeat).mtimeMs > 1000) break;
  }
  child.kill("SIGTERM");
  expect(await exit).toMatchObject({ code: 0 });
});

test("a worker that is started again in its container takes an instance of its own", async () => {
  const environment = settings();
  const { db } = temporary;
  const run = async () => {
    const before = newestEvent(db, "worker.ready")?.id ?? 0;
    const { child, exit } = start([], environment);
    await nextEvent(db, before, ({ eventType }) => eventType === "worker.ready", AbortSignal.timeout(PATIENCE_MS));
    child.kill("SIGKILL");
    await exit;
    return newestEvent(db, "process.started");
  };
  const first = await run();
  expect(first?.payload.instance).toBe(environment.WORKER_INSTANCE);
  const ofTheFirst = { instance: environment.WORKER_INSTANCE ?? "", process_id: first?.id ?? null };
  const exited = logEvent(db, null, "worker.exited", fakeExit(ofTheFirst));
  expect((await run())?.payload.instance).toBe(`${environment.WORKER_INSTANCE}/${exited}`);
});

test("a worker that has become ready tells the owner's chat of the rollback that brought it", async () => {
  const about = logEvent(temporary.db, null, "rollback.attempted", {
    target_revision: "worker:a",
    success: true,
    from_revision: "worker:b",
    reason: "crash loop",
    request_id: null,
    error: null,
  });
  const { child, exit } = start([], settings());
  expect((await eventOfType("operator.told")).payload).toEqual({ about, chat_id: -7, message_id: 9 });
  expect(asked.indexOf("getMe")).toBeGreaterThan(asked.indexOf("getUpdates"));
  child.kill("SIGTERM");
  expect(await exit).toMatchObject({ code: 0 });
});

test("a check of what could run says so in one line, asks Telegram nothing and writes nothing", async () => {
  const environment = settings();
  const before = readFileSync(temporary.file);
  const { code, output } = await start(["check"], environment).exit;
  expect(output).toMatch(/^worker [0-9a-f]+ can run here: settings, libraries and schema are right\n$/);
  expect(code).toBe(0);
  expect(asked).toEqual([]);
  expect(readFileSync(temporary.file).equals(before)).toBe(true);
  expect(() => statSync(join(temporary.directory, "heartbeat"))).toThrow(/ENOENT/);
});

test("a check lists every problem at once, those of the database too, and leaves with 78", async () => {
  temporary.db.pragma("user_version = 200");
  const wrong = { ...settings(), TELEGRAM_OWNER_CHAT: "@ada", OPENAI_API_KEY: "", TG_POLL_SECONDS: "never" };
  const { code, output } = await start(["check"], wrong).exit;
  expect(output.trim().split("\n")).toEqual([
    "- TELEGRAM_OWNER_CHAT is not valid: it must be the id of a chat, or *. Correct it.",
    expect.stringMatching(/^- TG_POLL_SECONDS is not valid/),
    expect.stringMatching(/^- OPENAI_API_KEY is not set/),
    expect.stringMatching(/^- The database has schema generation 2, this program knows generation 1/),
  ]);
  expect(code).toBe(78);
});

test.each([[[]], [["check"]]])("a prompt file that is not there is a setup error (%j)", async (args) => {
  const wrong = { ...settings(), AGENT_PROMPT_FILE: join(temporary.directory, "prompt.md") };
  const { code, output } = await start(args, wrong).exit;
  expect(output).toMatch(/^AGENT_PROMPT_FILE: \S+ cannot be read \(ENOENT\)\. Mount it into the worker/);
  expect(code).toBe(78);
});

test.each([["checks"], ["check", "more"]])(
  "another argument (%s %s) is wrong usage, and nothing runs",
  async (...args) => {
    const { code, output } = await start(args, settings()).exit;
    expect(output).toBe("usage: node services/worker/main.ts [check]\n");
    expect(code).toBe(64);
  },
);
