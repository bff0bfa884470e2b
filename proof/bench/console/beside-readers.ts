import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import type { Measurement } from "../measurement.ts";
import { measureBot } from "../worker/bot.ts";
import { runConsole } from "./running-console.ts";

const CLI = resolve(import.meta.dirname, "../../../services/cli/main.ts");
const LOAD = { messages: 5000, latencyMs: 0, lone: false } as const;
/** A dashboard asks every 15 s; a page that is open follows the stream. */
const SCRAPE_MS = 1000;

/** The worker's throughput, by itself and beside an open console and `events -f`, in turns. */
export async function besideReaders(samples: number): Promise<Measurement> {
  const alone: number[] = [];
  const beside: number[] = [];
  for (let sample = 0; sample < samples; sample += 1) {
    const order = sample % 2 === 0 ? [alone, beside] : [beside, alone];
    for (const times of order) {
      const readers = times === beside ? startReaders : undefined;
      times.push((await measureBot("worker", LOAD, readers)).perSecond);
    }
    console.error(`beside readers, ${sample + 1} of ${samples}: ${beside.at(-1)}/s, alone ${alone.at(-1)}/s`);
  }
  return {
    name: "worker's messages beside an open console and events -f",
    unit: "/s",
    goal: { atLeastTimesPeer: 0.97 },
    samples: beside,
    peer: { name: "alone", samples: alone },
  };
}

/** Resolves once they read, with what ends them. */
async function startReaders(stateDir: string): Promise<() => Promise<void>> {
  const console = await runConsole(stateDir);
  const leaving = new AbortController();
  const env = { STATE_DIR: stateDir };
  const follower = spawn(process.execPath, [CLI, "events", "-f"], { env, stdio: ["ignore", "pipe", "inherit"] });
  follower.stdout.resume();
  await once(follower.stdout, "data");
  const page = await fetch(`${console.url}/events`, { signal: leaving.signal });
  const reading = page.body?.pipeTo(new WritableStream()).catch(() => {}); // it is cut off at the end
  const scraping = setInterval(() => void fetch(`${console.url}/metrics`).then((answer) => answer.text()), SCRAPE_MS);
  return async () => {
    clearInterval(scraping);
    leaving.abort();
    await reading;
    follower.kill("SIGTERM");
    await Promise.all([once(follower, "exit"), console.stop()]);
  };
}
