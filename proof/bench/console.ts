import { rmSync } from "node:fs";
import { besideReaders } from "./console/beside-readers.ts";
import { measureCommands } from "./console/commands.ts";
import { measurePages } from "./console/pages.ts";
import { seededYear } from "./console/seeded-year.ts";
import type { Measurement } from "./measurement.ts";

/** What it takes to look: pages, metrics and commands over a year of a million events, held against 10,000. */
export async function measureConsole(samples: number): Promise<readonly Measurement[]> {
  const short = seededYear(10_000);
  const long = seededYear(1_000_000);
  try {
    const pages = await measurePages({ short, long }, samples);
    const commands = await measureCommands({ short, long }, samples);
    return [...pages, ...commands, ...(await besideReaders(samples))];
  } finally {
    for (const directory of [short, long]) rmSync(directory, { recursive: true });
  }
}
