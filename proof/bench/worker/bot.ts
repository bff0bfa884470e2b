import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { openDatabase } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { LOCAL_BOT_TOKEN, LOCAL_MODEL_KEY } from "../../../shared/local-peers.ts";
import { initSchema } from "../../../shared/schema.ts";
import { nodeOptionsOf } from "../node-options.ts";
import type { Order, Reply } from "./peers.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
export const PROGRAMS = { worker: "services/worker/main.ts", bare: "proof/bench/bare-bot/main.ts" } as const;
/** The bare bot is started as one starts a bot. */
const NODE_OPTIONS = { worker: nodeOptionsOf("Dockerfile.worker", PROGRAMS.worker), bare: [] } as const;

const CONCURRENCY = 50;
const CHATS = 50;
const LONE_MESSAGES = 100;
/** Answered before anything is measured, so that both have been compiled. */
const WARM_UP = 500;

export interface Measured {
  readonly perSecond: number;
  readonly cpuMsPerMessage: number;
  readonly residentMb: number;
  /** From a lone message to its answer, in ms. */
  readonly loneMs: readonly number[];
  /** Of the database, for each message of the run; 0 without one. */
  readonly bytesPerMessage: number;
  /** Processor time of each reader, in their order. */
  readonly readersCpuMsPerMessage: readonly number[];
}

/** Processes that read the bot's state directory while the load is measured. */
export interface Readers {
  readonly processes: readonly ChildProcess[];
  stop(): Promise<void>;
}

/**
 * One of the two bots under load, beside fresh peers, each a process of its own.
 * @param startReaders resolves once they read
 */
export async function measureBot(
  bot: keyof typeof PROGRAMS,
  load: { readonly messages: number; readonly latencyMs: number; readonly lone: boolean },
  startReaders?: (stateDir: string) => Promise<Readers>,
): Promise<Measured> {
  const peers = fork(join(import.meta.dirname, "peers.ts"));
  const { url } = (await ask(peers, { kind: "listen", latencyMs: load.latencyMs })) as { url: string };
  const directory = mkdtempSync(join(tmpdir(), "lastgood-bench-"));
  const bytesBefore = createDatabase(directory);
  const child = startBot(bot, directory, url);
  await ask(peers, { kind: "load", messages: WARM_UP, chats: CHATS });
  const readers = await startReaders?.(directory);
  const readersCpuMs = () => (readers?.processes ?? []).map(cpuMs);
  const [cpuBefore, readersBefore] = [cpuMs(child), readersCpuMs()];
  const { ms } = (await ask(peers, { kind: "load", messages: load.messages, chats: CHATS })) as { ms: number };
  const cpuMsPerMessage = (cpuMs(child) - cpuBefore) / load.messages;
  const readersCpuMsPerMessage = readersCpuMs().map((cpu, at) => (cpu - (readersBefore[at] ?? 0)) / load.messages);
  const residentMb = residentBytes(child) / 1e6;
  const loneMs = load.lone ? ((await ask(peers, ONE_BY_ONE)) as { each: number[] }).each : [];
  await readers?.stop();
  child.kill("SIGKILL");
  await once(child, "exit");
  peers.disconnect();
  const answered = load.messages + WARM_UP + loneMs.length;
  const bytesPerMessage = bot === "worker" ? (databaseBytes(directory) - bytesBefore) / answered : 0;
  rmSync(directory, { recursive: true });
  const perSecond = load.messages / (ms / 1000);
  return { perSecond, cpuMsPerMessage, residentMb, loneMs, bytesPerMessage, readersCpuMsPerMessage };
}

export const ONE_BY_ONE: Order = { kind: "one by one", messages: LONE_MESSAGES };

export async function ask(peers: ChildProcess, order: Order): Promise<Reply> {
  const reply = once(peers, "message");
  peers.send(order);
  return (await reply)[0] as Reply; // peers.ts answers orders in their order, each with what belongs to it
}

export function startBot(bot: keyof typeof PROGRAMS, directory: string, url: string): ChildProcess {
  const env = {
    STATE_DIR: directory,
    PARENT_PROCESS_ID: "1",
    WORKER_INSTANCE: "1.1",
    TELEGRAM_BOT_TOKEN: LOCAL_BOT_TOKEN,
    TELEGRAM_API_ROOT: url,
    TELEGRAM_ALLOWED_CHATS: "*",
    TG_DROP_PENDING: "false",
    OPENAI_API_KEY: LOCAL_MODEL_KEY,
    OPENAI_BASE_URL: `${url}/v1`,
    OPENAI_MODEL: "local",
    WORKER_CONCURRENCY: String(CONCURRENCY),
  };
  return fork(join(ROOT, PROGRAMS[bot]), [], {
    env,
    execArgv: [...NODE_OPTIONS[bot]],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
}

/** As the supervisor leaves it for its worker. Returns its size. */
function createDatabase(directory: string): number {
  const db = openDatabase(join(directory, "lastgood.db"));
  initSchema(db);
  logEvent(db, null, "process.started", { role: "supervisor", pid: process.pid, version: "bench" });
  db.close();
  return databaseBytes(directory);
}

function databaseBytes(directory: string): number {
  const db = openDatabase(join(directory, "lastgood.db"));
  const pages = Number(db.pragma("page_count", { simple: true }));
  const size = pages * Number(db.pragma("page_size", { simple: true }));
  db.close();
  return size;
}

/** User and system time (proc(5), fields 14 and 15 of stat), in ticks of 10 ms. */
function cpuMs(child: ChildProcess): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function residentBytes(child: ChildProcess): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) * 1024;
}
