import { type ChildProcess, fork } from "node:child_process";
import { constants } from "node:os";
import { createInterface } from "node:readline";
import { type Clock, deadline } from "../../shared/clock.ts";
import type { Revision } from "../../shared/state.ts";
import { identityVariables } from "./worker-environment.ts";
import type { WorkerContainer, WorkerRuntime } from "./worker-runtime.ts";

export interface ProcessRuntimeSettings {
  /** The file to run, and the one revision there is: the sources as they are. */
  readonly program: string;
  readonly revision: Revision;
  readonly environment: Readonly<Record<string, string>>;
}

const ONE_REVISION = "without an engine only the sources as they are can be run";

/** Of what the worker prints, the last lines are kept for `worker.exited`. */
const KEPT_LINES = 200;

/**
 * Runs the worker as a child process, for trying and developing without an engine: one revision, restarted, gone with
 * its supervisor (the channel between them closes, and the worker stops).
 */
export function createProcessRuntime(
  { clock }: { readonly clock: Clock },
  settings: ProcessRuntimeSettings,
): WorkerRuntime {
  let worker: WorkerContainer | null = null;
  let child: ChildProcess | null = null;
  let printed: string[] = [];
  let onChange = () => {};
  const print = (id: string, line: string) => {
    process.stdout.write(`${line}\n`);
    if (worker?.id === id && line !== "") printed = [...printed, line].slice(-KEPT_LINES);
  };
  const remove = async (containerId: string) => {
    if (worker?.id !== containerId) return;
    child?.kill("SIGKILL");
    worker = null;
    child = null;
  };
  return {
    isUnavailable: () => false,
    look: async () => ({
      worker,
      strays: [],
      nameTaken: null,
      check: null,
      held: new Set([settings.revision.imageId]),
    }),
    resolve: async (reference) => (reference === settings.revision.revision ? settings.revision : null),
    present: async (imageIds) => new Set(imageIds.filter((id) => id === settings.revision.imageId)),
    async start(order) {
      if (worker) return null;
      if (order.imageId !== settings.revision.imageId) return ONE_REVISION;
      const startedAt = clock.now();
      const env = { ...settings.environment, ...identityVariables(order) };
      const process = fork(settings.program, [], { env, silent: true });
      const id = `process-${order.instance}`;
      child = process;
      printed = [];
      worker = { ...order, id, upToDate: true, pid: process.pid ?? null, state: { kind: "running" } };
      const ended = (exitCode: number) => {
        if (worker?.id !== id) return;
        worker = { ...worker, state: { kind: "exited", exitCode, oom: false, startedAt, finishedAt: clock.now() } };
        onChange();
      };
      process.on("error", () => ended(127)); // as a shell says that a command cannot be run
      process.on("close", (code, signal) => ended(code ?? 128 + (signal ? constants.signals[signal] : 0)));
      for (const input of [process.stdout, process.stderr]) {
        if (input) createInterface({ input }).on("line", (line) => print(id, line));
      }
      return null;
    },
    startAgain: (containerId) => remove(containerId),
    async stop(containerId, graceMs) {
      if (!child || worker?.id !== containerId || worker.state.kind !== "running") return;
      const process = child;
      const closed = new AbortController();
      process.once("close", () => closed.abort());
      process.kill("SIGTERM");
      await clock.sleep(graceMs, closed.signal);
      if (closed.signal.aborted) return;
      process.kill("SIGKILL");
      await clock.sleep(Number.POSITIVE_INFINITY, deadline(graceMs, closed.signal));
    },
    remove,
    wasSignalled: async () => false, // nobody could tell
    outOfMemoryAt: async () => null,
    pull: () => {},
    pullOf: () => ({ kind: "failed", reason: ONE_REVISION }),
    abortPull() {},
    startCheck: async () => ONE_REVISION,
    hold: async () => {},
    letGo: async () => {},
    logTail: async (_containerId, lines) => printed.slice(-lines),
    watch(listener) {
      onChange = listener;
    },
  };
}
