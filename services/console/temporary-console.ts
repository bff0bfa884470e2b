import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hono } from "hono";
import { type Clock, systemClock } from "../../shared/clock.ts";
import { openDatabase } from "../../shared/database.ts";
import { silentLogger } from "../../shared/logging.ts";
import { type Listening, listen } from "./listen.ts";
import { createLocalServer } from "./local/local-server.ts";
import { createLocalTelegram, type LocalTelegram } from "./local/telegram/local-telegram.ts";
import { createPageServer } from "./server.ts";
import { createStateReader } from "./state-reader.ts";

export interface TemporaryConsole {
  readonly telegram: LocalTelegram;
  readonly page: Hono;
  readonly local: Hono;
  readonly directory: string;
  /** Made by whoever plays the supervisor. */
  readonly requestsDir: string;
  /** Calls a Bot API method without a network between. */
  call(method: string, parameters?: object, signal?: AbortSignal): Promise<BotAnswer>;
  /** Asks the page's API: GET, or POST when there is a body. */
  ask(path: string, body?: unknown): Promise<Response>;
  /** Serves the local Bot API and model, or the page, on the loopback. @param port a free one unless it is given */
  serve(app: Hono, port?: number): Promise<string>;
  /** Ends long polls and streams, as a stop of the process does. */
  stop(): void;
  /** Stops, and closes the file. With `keep` the directory stays, for a successor. */
  remove(options?: { keep: boolean }): Promise<void>;
}

export interface BotAnswer {
  readonly ok: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for, and compares the whole of it
  readonly result?: any;
  readonly error_code?: number;
  readonly description?: string;
}

/** For tests: a whole console over a file of its own. @param options directory: that of a predecessor */
export function temporaryConsole(
  options: { directory?: string; clock?: Clock; token?: string | null } = {},
): TemporaryConsole {
  const { clock = systemClock, token = null } = options;
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), "lastgood-console-"));
  const db = openDatabase(join(directory, "local-telegram.db"));
  const stopping = new AbortController();
  const telegram = createLocalTelegram({ db, clock }, { token: "1:local" });
  const requestsDir = join(directory, "requests");
  const state = createStateReader(join(directory, "lastgood.db"));
  const ports = { telegram, state, stateDir: directory, requestsDir, dailyBudgetUsd: 2.5, clock, logger: silentLogger };
  const local = createLocalServer(ports, { token: "1:local", latencyMs: 0 }, stopping.signal);
  const page = createPageServer(ports, { allowedHosts: ["127.0.0.1", "localhost"], token }, stopping.signal);
  const servers: Listening[] = [];
  return {
    telegram,
    page,
    local,
    directory,
    requestsDir,
    async call(method, parameters = {}, signal) {
      const init = { method: "POST", headers: JSON_BODY, body: JSON.stringify(parameters) };
      const request = new Request(`http://localhost/bot1:local/${method}`, signal ? { ...init, signal } : init);
      return (await local.fetch(request)).json() as Promise<BotAnswer>;
    },
    ask: async (path, body) =>
      page.request(path, body === undefined ? {} : { method: "POST", headers: JSON_BODY, body: JSON.stringify(body) }),
    async serve(app, port = 0) {
      const server = await listen(app, {
        host: { setting: "HOST", value: "127.0.0.1" },
        port: { setting: "PORT", value: port },
      });
      servers.push(server);
      return `http://127.0.0.1:${server.port}`;
    },
    stop: () => stopping.abort(),
    async remove({ keep } = { keep: false }) {
      stopping.abort();
      await Promise.all(servers.map((server) => server.close()));
      state.close();
      db.close();
      if (!keep) rmSync(directory, { recursive: true });
    },
  };
}

const JSON_BODY = { "Content-Type": "application/json" };
