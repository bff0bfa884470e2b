import { type ChildProcessByStdio, spawn } from "node:child_process";
import { resolve } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { Clock } from "../../../shared/clock.ts";
import type { Logger } from "../../../shared/logging.ts";
import { type Answer, parseAnswer, type Question, type Scribe } from "./scribe.ts";

const PROGRAM = resolve(import.meta.dirname, "main.ts");
/** It holds some rows at a time; what Node would keep for later would be most of its memory. */
const NODE_OPTIONS = [
  "--max-old-space-size=64",
  "--max-semi-space-size=1",
  "--no-concurrent-recompilation",
  "--v8-pool-size=1",
];

/** It answers within milliseconds; one that is silent for so long has met a file that blocks it. */
const SILENCE_MS = 2000;
/** Starting Node on a machine that has much to do; or making a new file, on a disk that has. */
const START_MS = 10_000;
/** What changes all of the file takes its time, and is asked while no worker runs or nothing else can be done. */
const LONG_MS = 10 * 60_000;
const LONG: ReadonlySet<Question["kind"]> = new Set(["prepare", "past", "check", "repair"]);

/** A child that dies at once is not started again and again without a pause. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;
/** All claims of an answer are far shorter. */
const LONGEST_LINE = 8 * 1024 * 1024;

export interface ScribeSettings {
  readonly stateDir: string;
  /** All that the child's environment has: no secret is its business. */
  readonly environment: Readonly<Record<string, string>>;
  /** Another program, for a test of what a child may say. */
  readonly program?: string;
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** Starts the scribe when it is asked something, kills it when it is silent, and starts it again, with a back-off. */
export function createScribeProcess(
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
  { stateDir, environment, program = PROGRAM }: ScribeSettings,
): Scribe & { stop(): void } {
  let child: Child | null = null;
  let isStopped = false;
  let fresh = true;
  let failures = 0;
  let notBefore = 0;
  let turn: Promise<unknown> = Promise.resolve();
  let hear: (line: string | null) => void = () => {};
  let tell = () => {};

  function start(): Child {
    const started = spawn(process.execPath, [...NODE_OPTIONS, program, stateDir], {
      env: environment,
      stdio: ["pipe", "pipe", "inherit"],
    });
    fresh = true;
    started.on("error", () => lose(started, "cannot be started"));
    started.on("exit", (code, signal) => lose(started, signal ?? `exit code ${code}`));
    started.stdin.on("error", () => {}); // its end is told by `exit`
    readLines(started.stdout, {
      onLine: (line) => child === started && take(line),
      onTooLong: () => lose(started, "it says too much"),
    });
    return started;
  }

  function take(line: string): void {
    if (line.includes('"kind":"news"') && line.length < 100) tell();
    else hear(line);
  }

  /** What it says from now on is not heard: it would be taken for the answer to another question. */
  function lose(lost: Child, how: string): void {
    if (child !== lost) return;
    child = null;
    lost.kill("SIGKILL");
    failed(how);
    hear(null);
  }

  function failed(how: string): void {
    failures += 1;
    notBefore = clock.monotonicMs() + Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
    log.warn({ how, failures }, "the child that reads the shared file ended: it is started again");
  }

  /** Null while there is none. A system that has no room for a process throws at once. */
  function theChild(): Child | null {
    if (child !== null) return child;
    if (isStopped || clock.monotonicMs() < notBefore) return null;
    try {
      child = start();
    } catch (error) {
      failed(String(error));
    }
    return child;
  }

  async function put<K extends Question["kind"]>(kind: K, question: Question): Promise<Answer<K> | null> {
    const asked = theChild();
    if (asked === null) return null;
    const line = await answerOf(asked, question);
    const answer = line === null ? null : parseAnswer(kind, parsed(line));
    if (answer === null) lose(asked, line === null ? "it is silent" : "what it says is no answer");
    else {
      fresh = false;
      failures = 0;
    }
    return answer;
  }

  /** The line that it says next; null when it ends before, or says none in time. */
  async function answerOf(asked: Child, question: Question): Promise<string | null> {
    const { promise, resolve: answered } = Promise.withResolvers<string | null>();
    hear = answered;
    asked.stdin.write(`${JSON.stringify(question)}\n`);
    const late = new AbortController();
    const limit = LONG.has(question.kind) ? LONG_MS : fresh || question.kind === "replace" ? START_MS : SILENCE_MS;
    const silence = clock.sleep(limit, late.signal).then(() => null);
    const line = await Promise.race([promise, silence]);
    late.abort();
    hear = () => {};
    return line;
  }

  return {
    ask(question) {
      const asked = turn.then(() => put(question.kind, question));
      turn = asked;
      return asked;
    },
    onNews(listener) {
      tell = listener;
    },
    stop() {
      const stopped = child;
      isStopped = true;
      child = null;
      stopped?.kill("SIGKILL");
      hear(null);
    },
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null; // it died in the middle of a line
  }
}

function readLines(
  stream: Readable,
  { onLine, onTooLong }: { readonly onLine: (line: string) => void; readonly onTooLong: () => void },
): void {
  let rest = "";
  stream.setEncoding("utf8").on("data", (chunk: string) => {
    const end = chunk.lastIndexOf("\n"); // what has none is not looked through again with each chunk that follows
    const lines = end === -1 ? [] : (rest + chunk.slice(0, end)).split("\n");
    rest = end === -1 ? rest + chunk : chunk.slice(end + 1);
    if (rest.length > LONGEST_LINE) {
      rest = "";
      onTooLong();
    }
    for (const line of lines) onLine(line);
  });
}
