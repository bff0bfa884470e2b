import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { openDatabase } from "../../shared/database.ts";
import type { LoggedEvent } from "../../shared/event-log.ts";
import { nextEvent } from "../../shared/follow.ts";
import { makeRequestsDirectory } from "../../shared/requests/requests-directory.ts";

const SUPERVISOR = resolve(import.meta.dirname, "../../services/supervisor/main.ts");
const PATIENCE_MS = 30_000;

type Places = [state: string, own: string, requests: string];

export type HostSystem = Awaited<ReturnType<typeof startOnHost>>;

/** A supervisor and its worker as processes of this machine, as `npm start` has them. Resolves when the worker is ready. */
export async function startOnHost(settings: Readonly<Record<string, string>>) {
  const directory = mkdtempSync(join(tmpdir(), "lastgood-host-"));
  const [state, own, requests] = ["state", "own", "requests"].map((name) => join(directory, name)) as Places;
  for (const place of [state, own]) mkdirSync(place);
  makeRequestsDirectory(requests);
  const places = { STATE_DIR: state, OWN_DIR: own, REQUESTS_DIR: requests };
  const env = { WORKER_RUNTIME: "process", PROBATION_SECONDS: "0", ...places, ...settings };
  const supervisor = fork(SUPERVISOR, [], { env, silent: true });
  const exit = once(supervisor, "close");
  const log: string[] = [];
  const started = Promise.withResolvers<void>();
  for (const input of [supervisor.stdout, supervisor.stderr]) {
    if (!input) continue;
    createInterface({ input }).on("line", (line) => {
      log.push(line);
      if (line.includes("process.started")) started.resolve(); // now there is a database to read
    });
  }
  await Promise.race([started.promise, exit]);
  const db = openDatabase(join(state, "lastgood.db"));

  async function eventOf(type: string, matches: (event: LoggedEvent) => boolean = () => true): Promise<LoggedEvent> {
    const isIt = (event: LoggedEvent) => event.eventType === type && matches(event);
    const event = await nextEvent(db, 0, isIt, AbortSignal.timeout(PATIENCE_MS));
    if (!event) throw new Error(`no ${type} came:\n${log.slice(-30).join("\n")}`);
    return event;
  }

  await eventOf("worker.ready");
  return {
    db,
    directory,
    /** What both have printed. */
    log,
    eventOf,
    async stop() {
      supervisor.kill("SIGTERM");
      await exit;
      db.close();
      rmSync(directory, { recursive: true });
    },
  };
}
