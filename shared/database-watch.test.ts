import { setImmediate as anotherTurn } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { openReadOnly } from "./database.ts";
import { watchDatabase } from "./database-watch.ts";
import { logEvent, newestEventId } from "./event-log.ts";
import { EventType } from "./event-types.ts";
import { type TemporaryDatabase, temporaryDatabase } from "./temporary-database.ts";

let temporary: TemporaryDatabase;
let ended: AbortController;
beforeEach(() => {
  temporary = temporaryDatabase();
  ended = new AbortController();
});
afterEach(() => {
  ended.abort();
  temporary.remove();
});

const COMMITS = 500;
/** The rest between two looks, and a part of it for timers that come early. */
const LEAST_REST_MS = 35;

const commit = () => logEvent(temporary.db, null, EventType.HoldRequested, { by: "node", from: "cli" });

/** What was newest at each change that was told, and when all of them are seen. */
function watched(newest: number) {
  const reader = openReadOnly(temporary.file);
  const seen: number[] = [];
  const { promise, resolve } = Promise.withResolvers<readonly number[]>();
  const onChange = () => {
    seen.push(newestEventId(reader));
    if (seen.at(-1) === newest) resolve(seen);
  };
  watchDatabase(reader, onChange, ended.signal);
  ended.signal.addEventListener("abort", () => reader.close());
  return promise;
}

test("of many commits the last is seen, and a busy writer is looked at a few times a second", async () => {
  const seen = watched(COMMITS);
  const startedAt = performance.now();
  for (let count = 0; count < COMMITS; count += 1) {
    commit();
    await anotherTurn();
  }
  expect((await seen).length).toBeLessThanOrEqual(2 + (performance.now() - startedAt) / LEAST_REST_MS);
});

test("a commit is seen also by who began to watch before the log was written to", async () => {
  temporary.db.pragma("wal_checkpoint(TRUNCATE)");
  const seen = watched(1);
  commit();
  expect(await seen).toEqual([1]);
});
