import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import type { Measurement } from "../measurement.ts";
import { type Measured, measureBot, type Readers } from "../worker/bot.ts";
import { openPage } from "./open-page.ts";
import { COMPILED, runConsole } from "./running-console.ts";

const CLI = resolve(import.meta.dirname, "../../../services/cli/main.ts");
const LOAD = { messages: 5000, latencyMs: 0, lone: false } as const;
/** Prometheus asks every 15 s or so. */
const SCRAPE_MS = 1000;
/** Of the worker's throughput by itself. */
const LEAST_SHARE = 0.97;
/** What each reader may take of the processor, against the worker: it then fits beside it on any machine. */
const MOST_OF_ITS_CPU = 0.1;

/** The worker by itself, and beside the console with an open page and `events -f`, in turns. */
export async function besideReaders(samples: number): Promise<readonly Measurement[]> {
  const alone: Measured[] = [];
  const beside: Measured[] = [];
  for (let sample = 0; sample < samples; sample += 1) {
    const order = sample % 2 === 0 ? [alone, beside] : [beside, alone];
    for (const rounds of order)
      rounds.push(await measureBot("worker", LOAD, rounds === beside ? startReaders : undefined));
    console.error(`beside readers, ${sample + 1} of ${samples}: ${JSON.stringify([beside.at(-1), alone.at(-1)])}`);
  }
  return [
    {
      name: "worker's messages beside an open page and events -f",
      unit: "/s",
      goal: { atLeastTimesPeer: LEAST_SHARE },
      samples: beside.map(({ perSecond }) => perSecond),
      peer: { name: "alone", samples: alone.map(({ perSecond }) => perSecond) },
    },
    {
      name: "worker's own processor time for a message beside them",
      unit: "ms",
      goal: { timesPeer: 1.03 },
      samples: beside.map(({ cpuMsPerMessage }) => cpuMsPerMessage),
      peer: { name: "alone", samples: alone.map(({ cpuMsPerMessage }) => cpuMsPerMessage) },
    },
    ...["the console, with the page open", "events -f"].map(
      (reader, at): Measurement => ({
        name: `${reader}: processor time for each message of the worker`,
        unit: "ms",
        goal: { timesPeer: MOST_OF_ITS_CPU },
        samples: beside.map(({ readersCpuMsPerMessage }) => readersCpuMsPerMessage[at] ?? Number.NaN),
        peer: { name: "the worker's own", samples: beside.map(({ cpuMsPerMessage }) => cpuMsPerMessage) },
      }),
    ),
  ];
}

/** Resolves once they read. */
async function startReaders(stateDir: string): Promise<Readers> {
  const console = await runConsole(stateDir);
  const env = { STATE_DIR: stateDir, NODE_COMPILE_CACHE: COMPILED };
  const follower = spawn(process.execPath, [CLI, "events", "-f"], { env, stdio: ["ignore", "pipe", "inherit"] });
  follower.stdout.resume();
  await once(follower.stdout, "data");
  const closePage = await openPage(console.url, "/");
  const scraping = setInterval(() => void fetch(`${console.url}/metrics`).then((answer) => answer.text()), SCRAPE_MS);
  return {
    processes: [console.process, follower],
    async stop() {
      clearInterval(scraping);
      await closePage();
      follower.kill("SIGTERM");
      await Promise.all([once(follower, "exit"), console.stop()]);
    },
  };
}
