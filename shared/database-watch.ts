import { existsSync, watch } from "node:fs";
import { followingSignal, systemClock } from "./clock.ts";
import { type Database, sql } from "./database.ts";

/** The file is written before the commit can be read, so the look is repeated after 2, 4, 8 … ms. */
const FIRST_LOOK_MS = 2;
/** Between two looks that found something: a busy writer is not slowed by who looks on, and no person sees the delay. */
const REST_MS = 40;
/** The net below the file's events, which may be dropped; reading data_version costs microseconds. */
const POLL_MS = 250;

/**
 * Calls `onChange` after another connection committed to the database, until `signal` aborts. It is only a reason to
 * look: it may come late, once for several commits, and says nothing about what changed.
 */
export function watchDatabase(db: Database, onChange: () => void, signal: AbortSignal): void {
  let seen = dataVersion(db);
  const look = () => {
    const version = dataVersion(db);
    const isNew = version !== seen;
    seen = version;
    if (isNew) onChange();
    return isNew;
  };
  void keepLooking(`${db.name}-wal`, look, signal);
}

/** The file is watched only while nothing happens: each write to a watched file costs both sides. */
async function keepLooking(file: string, look: () => boolean, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    let isNew = await untilNew(file, look, signal);
    while (isNew) {
      await systemClock.sleep(REST_MS, signal);
      isNew = !signal.aborted && look();
    }
  }
}

/** False when `signal` aborts, or when the file was written without anything new. */
async function untilNew(file: string, look: () => boolean, signal: AbortSignal): Promise<boolean> {
  const written = followingSignal(signal);
  const watcher = existsSync(file) ? watch(file, () => written.abort()) : null; // without one the poll alone serves
  watcher?.on("error", () => watcher.close());
  let isNew = look(); // what came before it was watched
  while (!isNew && !written.signal.aborted) {
    await systemClock.sleep(POLL_MS, written.signal);
    isNew = !signal.aborted && look();
  }
  watcher?.close();
  written.unfollow();
  for (let ms = FIRST_LOOK_MS; !isNew && !signal.aborted && ms < POLL_MS; ms *= 2) {
    await systemClock.sleep(ms, signal);
    isNew = !signal.aborted && look();
  }
  return isNew;
}

function dataVersion(db: Database): number {
  return Number(sql(db, "PRAGMA data_version").pluck().get());
}
