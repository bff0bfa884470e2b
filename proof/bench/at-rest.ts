import { setTimeout } from "node:timers/promises";
import Docker from "dockerode";
import type { System } from "../e2e/system.ts";

/** A supervisor looks for itself every RECONCILE_SECONDS: over a minute its looks even out. */
const WINDOW_MS = 60_000;

/** What a supervisor takes whose worker runs and is promoted, over a minute in so many windows. */
export async function atRest(system: System, samples: number) {
  const cpuPercent: number[] = [];
  const anonymousMb: number[] = [];
  let before = await usage(system.supervisor);
  for (let sample = 0; sample < samples; sample += 1) {
    await setTimeout(WINDOW_MS / samples);
    const now = await usage(system.supervisor);
    cpuPercent.push(((now.cpuMs - before.cpuMs) / (now.at - before.at)) * 100);
    anonymousMb.push(now.anonymousBytes / 1e6);
    before = now;
  }
  return { cpuPercent, anonymousMb };
}

/** Of everything in the container, by its cgroup. */
async function usage(container: string) {
  const stats = await new Docker().getContainer(container).stats({ stream: false, "one-shot": true });
  const memory: { readonly anon?: number; readonly total_rss?: number } = stats.memory_stats.stats;
  return {
    at: performance.now(),
    cpuMs: stats.cpu_stats.cpu_usage.total_usage / 1e6,
    anonymousBytes: memory.anon ?? memory.total_rss ?? Number.NaN, // cgroup v2, and v1
  };
}
