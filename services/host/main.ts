import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { environmentOfThisProcess, loadEnvFile } from "../../shared/config.ts";
import { runProcess } from "../../shared/lifecycle.ts";
import { makeRequestsDirectory } from "../../shared/requests/requests-directory.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** On a host the database lies here, and what else there are volumes for beside it; .gitignore knows them. */
const STATE_DIR = resolve(ROOT, "state");

/**
 * `npm start`: the console and the supervisor as processes of this machine, without an engine. The supervisor runs the
 * worker as a process of its own. When one of the two ends, so does the other; both go when this process does. They are
 * detached from the terminal, so that a Ctrl-C reaches them once, from here: a second signal would cut their end short.
 */
async function startOnHost(signal: AbortSignal): Promise<number> {
  loadEnvFile(resolve(ROOT, ".env"));
  const given = environmentOfThisProcess();
  const LOG_FORMAT = process.stdout.isTTY ? "pretty" : "json";
  const peers = given.LOCAL_PORT ? { LOCAL_PEERS_URL: `http://127.0.0.1:${given.LOCAL_PORT}` } : {};
  const stateDir = given.STATE_DIR ?? STATE_DIR;
  const beside = { OWN_DIR: resolve(stateDir, "../own"), REQUESTS_DIR: resolve(stateDir, "../requests") };
  const environment = { STATE_DIR, ...beside, LOG_FORMAT, ...peers, ...given, WORKER_RUNTIME: "process" };
  for (const directory of [environment.STATE_DIR, environment.OWN_DIR]) mkdirSync(directory, { recursive: true });
  makeRequestsDirectory(environment.REQUESTS_DIR);
  const children = ["console", "supervisor"].map((service) =>
    fork(resolve(ROOT, "services", service, "main.ts"), { env: environment, detached: true }),
  );
  const exits = children.map(exitCodeOf);
  signal.addEventListener("abort", () => stop(children));
  const first = await Promise.race(exits);
  stop(children);
  return (await Promise.all(exits)).find((code) => code !== 0) ?? first;
}

function stop(children: readonly ChildProcess[]): void {
  for (const child of children) child.kill("SIGTERM");
}

async function exitCodeOf(child: ChildProcess): Promise<number> {
  const [code] = await once(child, "exit");
  return code ?? 1;
}

await runProcess(startOnHost);
