import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../../../shared/database.ts";
import { initSchema } from "../../../shared/schema.ts";
import { seedYear } from "../../seed/seed.ts";
import type { Measurement } from "../measurement.ts";

/** State directories, with a short and with a long log. */
export interface Years {
  readonly short: string;
  readonly long: string;
}

export function seededYear(events: number): string {
  const directory = mkdtempSync(join(tmpdir(), "lastgood-bench-"));
  const db = openDatabase(join(directory, "lastgood.db"));
  initSchema(db);
  const startedAt = performance.now();
  seedYear(db, { events, seed: 1, now: Date.now() });
  db.pragma("wal_checkpoint(TRUNCATE)");
  db.close();
  console.error(`a year of ${events} events was made in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  return directory;
}

export const GOAL_MS = 100;
/** A whole year is listed day by day. */
export const GOAL_OF_A_YEAR_MS = 250;

/** So many times each is asked for one sample: their 95th percentile. */
const TIMES = 20;

export async function p95Of(work: () => Promise<unknown>): Promise<number> {
  const each: number[] = [];
  for (let time = 0; time < TIMES; time += 1) each.push(await timeOf(work));
  return each.sort((one, other) => one - other)[Math.ceil(TIMES * 0.95) - 1] ?? Number.NaN;
}

export async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** p95 with a long log, beside that with a short one. */
export function overYears(name: string, atMost: number, times: { short: number[]; long: number[] }): Measurement {
  const peer = { name: "with 10,000", samples: times.short };
  return { name: `${name}: p95 with 1,000,000 events`, unit: "ms", goal: { atMost }, samples: times.long, peer };
}
