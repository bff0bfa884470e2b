import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { json } from "node:stream/consumers";
import { logEvent } from "../../shared/event-log.ts";
import { temporaryDatabase } from "../../shared/temporary-database.ts";
import { startModel } from "../crash-matrix/model.ts";
import { ANSWERED_CHAT, type GeneratedUpdate } from "./updates.ts";

const PROGRAM = resolve(import.meta.dirname, "../../services/worker/main.ts");
const BATCH = 100;

/** Answers that are no answers, given one by one; each costs the worker a pause of a second. */
const BROKEN_ANSWERS = [
  '{"ok":true}',
  '{"ok":true,"result":null}',
  '{"ok":true,"result":{}}',
  "null",
  "<html>",
  '{"ok":true,"result":[',
];

const POLLS_PER_BROKEN = 5;

export interface UnderFire {
  /** How the worker left when it was asked to, or before. */
  readonly exitCode: number | null;
  readonly output: string;
  readonly rows: number;
  readonly missing: readonly GeneratedUpdate[];
  /** The offset of the last poll. */
  readonly offset: number;
}

/** A real worker that is fed these updates, over HTTP, until it has confirmed the last or has died. */
export async function feedWorker(updates: readonly GeneratedUpdate[]): Promise<UnderFire> {
  const temporary = temporaryDatabase();
  const supervisor = logEvent(temporary.db, null, "process.started", { role: "supervisor", pid: 1, version: "v" });
  const feeder = await startFeeder(updates);
  const model = await startModel({
    asked: () => "is to be answered",
    saidHalf: () => true,
    calledTool() {},
    answered() {},
  });
  const worker = fork(PROGRAM, [], {
    silent: true,
    env: {
      STATE_DIR: temporary.directory,
      PARENT_PROCESS_ID: String(supervisor),
      WORKER_INSTANCE: `${supervisor}.1`,
      TELEGRAM_BOT_TOKEN: "42:token",
      TELEGRAM_API_ROOT: feeder.url,
      TELEGRAM_ALLOWED_CHATS: String(ANSWERED_CHAT),
      OPENAI_API_KEY: "none",
      OPENAI_BASE_URL: model.url,
      LOG_LEVEL: "error",
    },
  });
  const output = outputOf(worker);
  const exit = once(worker, "close");
  await Promise.race([feeder.finished, exit]);
  worker.kill("SIGTERM");
  const [exitCode] = await exit;
  feeder.close();
  model.close();
  const known = new Set(temporary.db.prepare("SELECT update_id FROM inbox").pluck().all());
  const missing = updates.filter(({ place, usable }) => usable && !known.has(place));
  temporary.remove();
  return { exitCode, output: output.join(""), rows: known.size, missing, offset: feeder.offset() };
}

function outputOf(worker: ChildProcess): string[] {
  const output: string[] = [];
  for (const stream of [worker.stdout, worker.stderr])
    stream?.setEncoding("utf8").on("data", (text) => output.push(text));
  return output;
}

/** The Bot API, as far as a worker asks for it. */
async function startFeeder(updates: readonly GeneratedUpdate[]) {
  const broken = [...BROKEN_ANSWERS];
  const finished = Promise.withResolvers<void>();
  const first = updates[0]?.place ?? 0;
  let offset = 0;
  let polls = 0;

  function poll(asked: number, outgoing: ServerResponse): void {
    offset = asked;
    polls += 1;
    const from = Math.max(offset - first, 0);
    if (from >= updates.length) return void finished.resolve(); // held open: there is nothing more
    const instead = polls % POLLS_PER_BROKEN === 0 ? broken.shift() : undefined;
    const batch = updates.slice(from, from + BATCH).map(({ update }) => update);
    outgoing.end(instead ?? JSON.stringify({ ok: true, result: batch }));
  }

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const parameters = (await json(incoming).catch(() => ({}))) as { offset?: number };
    const method = incoming.url?.split("/").at(-1);
    if (method === "getUpdates") poll(Number(parameters.offset), outgoing);
    else
      outgoing.end(JSON.stringify({ ok: true, result: /^(send|edit)Message/.test(String(method)) ? MESSAGE : true }));
  }

  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing));
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    finished: finished.promise,
    offset: () => offset,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const MESSAGE = { message_id: 1, date: 1, chat: { id: ANSWERED_CHAT, type: "private" }, text: "x" };
