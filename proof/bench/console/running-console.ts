import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { nodeOptionsOf } from "../node-options.ts";

const PROGRAM = resolve(import.meta.dirname, "../../../services/console/main.ts");
const NODE_OPTIONS = nodeOptionsOf("services/console/lastgood-console.sh", "main.ts");

/** As in the image: what strips the types from the sources would be counted, too. The first console fills it. */
export const COMPILED = mkdtempSync(join(tmpdir(), "lastgood-compiled-"));

export interface RunningConsole {
  readonly process: ChildProcess;
  readonly url: string;
  /** Of its memory what is its own, as it is now, in MB. */
  anonymousMb(): number;
  stop(): Promise<void>;
}

/** A console as a process of its own, over a state directory. */
export async function runConsole(stateDir: string): Promise<RunningConsole> {
  const env = { STATE_DIR: stateDir, CONSOLE_PORT: "0", LOCAL_PORT: "0", NODE_COMPILE_CACHE: COMPILED };
  const child = spawn(process.execPath, [...NODE_OPTIONS, PROGRAM], { env, stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface(child.stdout), "line");
  return {
    process: child,
    url: (JSON.parse(line) as { page: string }).page,
    anonymousMb: () => anonymousMb(child),
    async stop() {
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

process.once("exit", () => rmSync(COMPILED, { recursive: true, force: true }));

/** proc(5): smaps_rollup. */
function anonymousMb({ pid }: ChildProcess): number {
  const kilobytes = /^Anonymous:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
  return (Number(kilobytes) * 1024) / 1e6;
}
