import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { openReadOnly } from "../../shared/database.ts";
import { archivesIn, DATABASE_FILE } from "../../shared/files.ts";
import { seededYear } from "./console/seeded-year.ts";
import type { Measurement } from "./measurement.ts";
import { ask, ONE_BY_ONE, startBot } from "./worker/bot.ts";

/** What a worker feels of `lastgood archive` over a year of a million events, beside it on the same database. */
export async function measureArchive(samples: number): Promise<readonly Measurement[]> {
  const year = seededYear(1_000_000);
  const runs: Run[] = [];
  try {
    for (let number = 1; number <= samples; number += 1) {
      runs.push(await run(year));
      console.error(`run ${number} of ${samples}: ${JSON.stringify(runs.at(-1))}`);
    }
  } finally {
    rmSync(year, { recursive: true });
  }
  const of = (key: keyof Run) => runs.map((each) => each[key]);
  const latency = (name: string, key: keyof Run, alone: keyof Run, atMost: number): Measurement => {
    const peer = { name: "without it", samples: of(alone) };
    return { name: `a lone message's answer beside it: ${name}`, unit: "ms", goal: { atMost }, samples: of(key), peer };
  };
  return [
    latency("p99", "p99Ms", "aloneP99Ms", GOAL_P99_MS),
    latency("the slowest", "slowestMs", "aloneSlowestMs", GOAL_SLOWEST_MS),
    { name: "920,000 events archived in", unit: "ms", goal: { atMost: GOAL_WHOLE_MS }, samples: of("ms") },
  ];
}

/** A slice's transaction takes some 20 ms, and whoever waits for it tries again every few. */
const GOAL_P99_MS = 60;
const GOAL_SLOWEST_MS = 250;
/** Beside everything else, in the background. */
const GOAL_WHOLE_MS = 120_000;

type Run = Awaited<ReturnType<typeof run>>;

async function run(year: string) {
  const directory = mkdtempSync(join(tmpdir(), "lastgood-bench-"));
  copyFileSync(join(year, DATABASE_FILE), join(directory, DATABASE_FILE));
  const peers = fork(join(import.meta.dirname, "worker/peers.ts"));
  const { url } = (await ask(peers, { kind: "listen", latencyMs: 0 })) as { url: string };
  const worker = startBot("worker", directory, url);
  try {
    await ask(peers, { kind: "load", messages: 200, chats: 20 }); // compiled by then
    const alone = [...(await oneByOne(peers)), ...(await oneByOne(peers)), ...(await oneByOne(peers))];
    const { ms, beside } = await besideArchive(directory, peers);
    assertWhole(directory);
    return {
      aloneP99Ms: quantile(alone, 0.99),
      aloneSlowestMs: quantile(alone, 1),
      p99Ms: quantile(beside, 0.99),
      slowestMs: quantile(beside, 1),
      answered: beside.length,
      ms,
    };
  } finally {
    worker.kill("SIGKILL");
    await once(worker, "exit");
    peers.disconnect();
    rmSync(directory, { recursive: true });
  }
}

async function oneByOne(peers: ChildProcess): Promise<readonly number[]> {
  return ((await ask(peers, ONE_BY_ONE)) as { each: number[] }).each;
}

async function besideArchive(directory: string, peers: ChildProcess): Promise<{ ms: number; beside: number[] }> {
  const program = resolve(import.meta.dirname, "../../services/cli/main.ts");
  const startedAt = performance.now();
  const archive = spawn(process.execPath, [program, "archive", "--older-than", "30d"], {
    env: { STATE_DIR: directory },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = once(archive, "exit").then(() => performance.now() - startedAt);
  const beside: number[] = [];
  while (archive.exitCode === null) beside.push(...(await oneByOne(peers)));
  if (archive.exitCode !== 0) throw new Error(`archive left with ${archive.exitCode}`);
  return { ms: await ended, beside };
}

function assertWhole(directory: string): void {
  for (const name of [DATABASE_FILE, ...archivesIn(directory)]) {
    const db = openReadOnly(join(directory, name));
    const found = db.pragma("integrity_check(1)", { simple: true });
    db.close();
    if (found !== "ok") throw new Error(`${name} is damaged: ${found}`);
  }
}

function quantile(each: readonly number[], part: number): number {
  return [...each].sort((one, other) => one - other)[Math.ceil(each.length * part) - 1] ?? Number.NaN;
}
