import { execFile } from "node:child_process";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { writeHostileRows } from "../../shared/fake-hostile-log.ts";
import { type TemporaryPast, temporaryPast } from "./archive/temporary-past.ts";

/** Every command as a process, over a log in which somebody who means harm has written. */

const PROGRAM = join(import.meta.dirname, "main.ts");

let past: TemporaryPast;
let message: number;
beforeEach(() => {
  past = temporaryPast(Date.now());
  message = past.message({ at: Date.now(), failures: 1 });
});
afterEach(() => past.remove());

interface Ended {
  readonly args: string;
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (args: string): Promise<Ended> =>
  new Promise((ended) => {
    const env = { PATH: process.env.PATH, STATE_DIR: past.directory, FORCE_COLOR: "1", DOCKER_SOCKET: "/none" };
    const limits = { env, maxBuffer: 100_000_000, timeout: 60_000 };
    execFile(process.execPath, [PROGRAM, ...args.split(" ")], limits, (error, stdout, stderr) =>
      ended({ args, code: error ? error.code : 0, stdout, stderr }),
    );
  });

const READING = () => [
  ...["status", "events", "events --type worker", "events --since 2020-01-01", "tree", "tree --all", "tree --id 1"],
  ...["inbox", "inbox --status done", "revisions", "usage", "usage --by model", "usage --by chat"],
  ...[`trace ${message}`, `why ${message}`, "doctor"],
];

/** Ours are colours alone; of what stands in the log nothing is left that steers. */
const OURS = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g");
const STEERS = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

/** Each is a process that takes its time to start. */
const AT_ONCE = 3;
const PATIENCE_MS = 120_000;

async function runAll(commands: readonly string[]): Promise<Ended[]> {
  const ended: Ended[] = [];
  for (let at = 0; at < commands.length; at += AT_ONCE) {
    ended.push(...(await Promise.all(commands.slice(at, at + AT_ONCE).map(run))));
  }
  return ended;
}

/** Doctor finds something bad in a directory without a supervisor. */
const isRight = ({ args, code }: Ended) => code === 0 || (args.startsWith("doctor") && code === 1);

const whatSteers = ({ args, stdout, stderr }: Ended) =>
  [...stdout.replace(OURS, "").split("\n"), ...stderr.split("\n")]
    .filter((line) => STEERS.test(line))
    .map((line) => [args, line]);

test(
  "every command reads a log whose rows are none",
  async () => {
    writeHostileRows(past.db, "unreadable", message);
    const ended = await runAll([...READING(), "completion image", "completion message"]);
    expect(ended.filter((one) => !isRight(one))).toEqual([]);
    expect(ended.flatMap(whatSteers)).toEqual([]);
    expect(ended.find(({ args }) => args === "events")?.stdout).toContain("unreadable");
  },
  PATIENCE_MS,
);

test(
  "nothing that stands in the log steers the terminal, in words or in JSON",
  async () => {
    writeHostileRows(past.db, "steering", message);
    const ended = await runAll(READING().flatMap((command) => [command, `${command} --json`]));
    expect(ended.filter((one) => !isRight(one))).toEqual([]);
    expect(ended.flatMap(whatSteers)).toEqual([]);
    for (const { args, stdout } of ended.filter(({ args }) => args.endsWith("--json"))) {
      const texts = /^(status|tree|trace)/.test(args) ? [stdout] : stdout.split("\n").filter(Boolean);
      for (const text of texts) expect(JSON.parse(text)).toBeDefined();
    }
    const shown = ended.filter(({ stdout }) => stdout.includes("\\u001b[31mred\\u001b[2J\\u0007\\u009b1m\\u202eevil"));
    expect(shown.length).toBeGreaterThan(20);
  },
  PATIENCE_MS,
);
