import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { getReady } from "../../proof/fuzz/acts.ts";
import { checkMirror } from "../../proof/fuzz/mirror-rules.ts";
import { newestEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { newestWorker } from "../../shared/worker-state.ts";
import { policy } from "./fake-system.ts";
import { createTwoFiles, type TwoFiles } from "./fake-two-files.ts";

let two: TwoFiles;
beforeEach(() => {
  two = createTwoFiles();
});
afterEach(() => two.system.remove());

const TAKE_NEWEST = "DELETE FROM events WHERE id > (SELECT max(id) FROM events) - 3";

function withoutGuard(work: string): void {
  two.withFile((file) => {
    file.pragma("foreign_keys = OFF");
    const guard = String(
      file.prepare("SELECT sql FROM sqlite_schema WHERE name = 'events_refuse_delete'").pluck().get(),
    );
    file.exec(`DROP TRIGGER events_refuse_delete; ${work}; ${guard}`);
  });
}

function putGarbageThere(): void {
  for (const suffix of ["-shm", "-wal", ""]) rmSync(two.path + suffix, { force: true });
  writeFileSync(two.path, "nothing of SQLite's");
}

async function promote() {
  const supervisor = two.startSupervisor();
  await supervisor.settle();
  getReady(two.system);
  await supervisor.settle();
  two.system.clock.advance(policy.probationMs);
  await supervisor.settle();
  return supervisor;
}

test("rows that were taken away are written again, also when the next row comes before anybody looks", async () => {
  const supervisor = await promote();
  withoutGuard(TAKE_NEWEST);
  two.system.wish("hold.requested");
  await supervisor.settle();
  checkMirror(two, new Set(), { isStrict: true });
});

test("what a worker said is taken once, also after its row was written into a new file", async () => {
  const supervisor = await promote();
  two.withFile((file) => {
    const payload = JSON.stringify({ task_id: 1, exits: [1] });
    file.prepare("INSERT INTO events (event_type, payload) VALUES (?, ?)").run(EventType.MessageSetAside, payload);
  });
  await supervisor.settle();
  expect(two.system.ofType(EventType.MessageSetAside)).toHaveLength(1);
  putGarbageThere();
  await supervisor.settle();
  expect(two.system.ofType(EventType.StateReplaced)).toHaveLength(1);
  expect(two.system.ofType(EventType.MessageSetAside)).toHaveLength(1);
  checkMirror(two, new Set(), { isStrict: true });
});

test("a row of a new file has the time of the one that it was taken from", async () => {
  const supervisor = await promote();
  const said = newestEvent(two.journal, EventType.WorkerReady)?.payload as unknown as { claim: { at: number } };
  putGarbageThere();
  await supervisor.settle();
  two.withFile((file) => expect(newestEvent(file, EventType.WorkerReady)?.timestamp).toBe(said.claim.at));
});

test("a file that was cut beneath an open connection is replaced before a worker is started with it", async () => {
  const supervisor = await promote();
  two.withFile((file) => file.pragma("wal_checkpoint(TRUNCATE)"));
  truncateSync(two.path, 100);
  two.system.runtime.end(1);
  await supervisor.settle();
  expect(two.system.ofType(EventType.StateReplaced)).toHaveLength(1);
  getReady(two.system);
  await supervisor.settle();
  expect(newestWorker(two.journal)).toMatchObject({ exited: false, readyAt: two.system.clock.now() });
});
