import { createFakeRuntime } from "../../services/supervisor/fake-runtime.ts";
import { createFakeSharedLog } from "../../services/supervisor/fake-shared-log.ts";
import { observe } from "../../services/supervisor/observe.ts";
import { systemClock } from "../../shared/clock.ts";
import { openDatabase } from "../../shared/database.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../shared/temporary-database.ts";
import { seedYear } from "../seed/seed.ts";
import type { Measurement } from "./measurement.ts";

/** All that the supervisor reads from the log at its start, through a connection of its own, in a short and a long log. */
export async function derivedState(samples: number): Promise<Measurement> {
  const short = temporaryDatabase();
  const long = temporaryDatabase();
  const year = { seed: 1, now: systemClock.now() };
  seedYear(short.db, { ...year, events: 10_000 });
  seedYear(long.db, { ...year, events: 1_000_000, daysPerDeploy: 0.5 }); // the supervisor's own part is longer, too
  const times = { short: [] as number[], long: [] as number[] };
  for (let sample = 0; sample < samples; sample += 1) {
    times.short.push(await timeToObserve(short));
    times.long.push(await timeToObserve(long));
  }
  for (const { remove } of [short, long]) remove();
  return {
    name: "start → all state derived from 1,000,000 events",
    unit: "ms",
    goal: { atMost: 50 },
    samples: times.long,
    peer: { name: "from 10,000", samples: times.short },
  };
}

async function timeToObserve({ file }: TemporaryDatabase): Promise<number> {
  const runtime = createFakeRuntime(systemClock);
  const configured = runtime.addImage("newest").revision;
  const startedAt = performance.now();
  const db = openDatabase(file);
  const heartbeat = { staleMs: () => 0 };
  const shared = createFakeSharedLog();
  const watched = {
    db,
    runtime,
    clock: systemClock,
    supervisorId: 1,
    heartbeat,
    freeBytes: () => 0,
    configured,
    shared,
    soundings: heartbeat,
  };
  await observe(watched, { leaving: false, booting: true });
  const ms = performance.now() - startedAt;
  db.close();
  return ms;
}
