import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { Command } from "commander";
import type { CliCommand } from "../../../services/cli/command.ts";
import { events } from "../../../services/cli/commands/events.ts";
import { inbox } from "../../../services/cli/commands/inbox.ts";
import { revisions } from "../../../services/cli/commands/revisions.ts";
import { status } from "../../../services/cli/commands/status.ts";
import { trace } from "../../../services/cli/commands/trace.ts";
import { tree } from "../../../services/cli/commands/tree.ts";
import { usage } from "../../../services/cli/commands/usage.ts";
import { why } from "../../../services/cli/commands/why.ts";
import { type Output, plain } from "../../../services/cli/output.ts";
import { systemClock } from "../../../shared/clock.ts";
import type { Measurement } from "../measurement.ts";
import { COMPILED } from "./running-console.ts";
import { GOAL_MS, GOAL_OF_A_YEAR_MS, overYears, p95Of, type Years } from "./seeded-year.ts";

/** Every command that answers a question from the log, with how long that may take. */
const COMMANDS: readonly (readonly [CliCommand, args: readonly string[], atMostMs: number])[] = [
  [status, [], GOAL_MS],
  [events, [], GOAL_MS],
  [events, ["--type", "worker."], GOAL_MS],
  [events, ["--type", "turn.", "-n", "500"], GOAL_MS],
  [events, ["--since", "2h"], GOAL_MS],
  [tree, [], GOAL_MS],
  [tree, ["--id", "5000"], GOAL_MS],
  [trace, ["500"], GOAL_MS],
  [why, ["500"], GOAL_MS],
  [inbox, [], GOAL_MS],
  [inbox, ["--status", "done"], GOAL_MS],
  [inbox, ["--status", "set_aside"], GOAL_MS],
  [revisions, [], GOAL_MS],
  [usage, [], GOAL_MS],
  [usage, ["--by", "model"], GOAL_MS],
  [usage, ["--by", "chat"], GOAL_MS],
  [usage, ["--days", "365"], GOAL_OF_A_YEAR_MS],
  [usage, ["--by", "model", "--days", "365"], GOAL_OF_A_YEAR_MS],
  [usage, ["--by", "chat", "--days", "365"], GOAL_OF_A_YEAR_MS],
];

export async function measureCommands({ short, long }: Years, samples: number): Promise<readonly Measurement[]> {
  const all: Measurement[] = [];
  for (const [command, args, atMostMs] of COMMANDS) {
    const times = { short: [] as number[], long: [] as number[] };
    for (let sample = 0; sample < samples; sample += 1) {
      times.short.push(await p95Of(() => runHere(command, args, short)));
      times.long.push(await p95Of(() => runHere(command, args, long)));
    }
    all.push(overYears(`lastgood ${[command.name, ...args].join(" ")}`, atMostMs, times));
  }
  return [...all, await wholeProcess(long, samples)];
}

/** Opened, read and told, but for the printing, as in a process that has started. */
function runHere(command: CliCommand, args: readonly string[], stateDir: string): Promise<number> {
  const declared = command.declare(new Command(command.name)).parse(args, { from: "user" });
  const directories = { stateDir, ownDir: null, requestsDir: resolve(stateDir, "../requests") };
  return command.run(declared, { ...directories, clock: systemClock, output: SILENT, signal: NEVER });
}

const NEVER = new AbortController().signal;
const SILENT: Output = { print: async () => {}, note: () => {}, paint: plain, closed: NEVER };

/** What a person waits for, but for Node's own start: here nothing was compiled or read before. */
async function wholeProcess(stateDir: string, samples: number): Promise<Measurement> {
  const program = resolve(import.meta.dirname, "../../../services/cli/main.ts");
  const env = { STATE_DIR: stateDir, NODE_COMPILE_CACHE: COMPILED };
  const run = (argument: string) => p95Of(() => promisify(execFile)(process.execPath, [program, argument], { env }));
  const more: number[] = [];
  for (let sample = 0; sample < samples; sample += 1) more.push(-(await run("--help")) + (await run("status")));
  const name = "lastgood status, the whole process, beyond that of --help: p95 with 1,000,000 events";
  return { name, unit: "ms", goal: { atMost: GOAL_MS }, samples: more };
}
