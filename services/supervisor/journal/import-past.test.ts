import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { seedYear } from "../../../proof/seed/seed.ts";
import type { Database } from "../../../shared/database.ts";
import { eventsAfter, logEvent, newestEventId } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import {
  goodRevisions,
  isHalted,
  isOnHold,
  isQuarantined,
  isStopped,
  openRollback,
  pendingRequest,
  wantedRevision,
} from "../../../shared/state.ts";
import { newestSupervisor, newestWorker } from "../../../shared/worker-state.ts";
import { importPast } from "./import-past.ts";
import { type TemporaryJournal, temporaryJournal } from "./temporary-journal.ts";

let system: TemporaryJournal;
let db: Database;
beforeEach(() => {
  system = temporaryJournal();
  db = system.sharedFile();
});
afterEach(() => system.remove());

const image = (tag: string) => ({ revision: `worker:${tag}`, image_id: `sha256:${tag}` });
const promote = (tag: string) =>
  logEvent(db, null, EventType.RevisionPromoted, { ...image(tag), evidence: { ready_seconds: 60, instance: "1.1" } });
const deploy = (tag: string, parent: number | null = null) =>
  logEvent(db, parent, EventType.DeployStarted, { ...image(tag), request_id: null, reason: "configured" });
const supervisor = () => logEvent(db, null, EventType.ProcessStarted, { role: "supervisor", pid: 1, version: "older" });
const asked = { by: "op", from: "cli" } as const;

/** The rows of a worker, as a supervisor without a journal and the worker itself wrote them. */
function worker(parent: number, instance: string, tag: string): number {
  logEvent(db, parent, EventType.WorkerSpawned, { ...image(tag), pid: 9, instance, container_id: "c" });
  const started = { role: "worker", pid: 9, version: "older", instance } as const;
  const processId = logEvent(db, parent, EventType.ProcessStarted, started);
  logEvent(db, processId, EventType.WorkerReady, { poll_ms: 1 });
  return processId;
}

const importAll = () => importPast(system.ports(), newestEventId(db));
const stateOf = (log: Database) => {
  const wanted = wantedRevision(log);
  return {
    wanted,
    good: goodRevisions(log, 10),
    halted: wanted && isHalted(log, wanted),
    stopped: isStopped(log),
    onHold: isOnHold(log),
    rollback: openRollback(log),
    request: pendingRequest(log),
    worker: newestWorker(log),
    supervisor: newestSupervisor(log),
  };
};

test("what runs, what is good, and what operators asked for is the same as before, under the same ids", async () => {
  const first = supervisor();
  deploy("a", first);
  worker(first, `${first}.1`, "a");
  promote("a");
  logEvent(db, null, EventType.StopRequested, asked);
  logEvent(db, null, EventType.StartRequested, asked);
  logEvent(db, null, EventType.HoldRequested, asked);
  const second = supervisor();
  const request = logEvent(db, null, EventType.DeployRequested, { ...asked, revision: "worker:b" });
  logEvent(db, second, EventType.DeployStarted, { ...image("b"), request_id: request, reason: "requested" });
  worker(second, `${second}.1`, "b");
  logEvent(db, null, EventType.RollbackRequested, { ...asked, revision: null });
  expect(await importAll()).toBe(true);
  expect(stateOf(system.journal)).toEqual(stateOf(db));
  expect(newestWorker(system.journal)).toMatchObject({ instance: `${second}.1`, exited: false });
  expect(newestWorker(system.journal)?.readyAt).not.toBeNull();
});

test("a promotion of an image that nobody holds for us is none, and neither is its deploy", async () => {
  deploy("a");
  promote("a");
  deploy("forged");
  promote("forged");
  await importAll();
  expect(goodRevisions(system.journal, 10)).toEqual([{ revision: "worker:a", imageId: "sha256:a" }]);
  expect(wantedRevision(system.journal)).toMatchObject({ imageId: "sha256:a" });
});

test("a quarantine counts, whether the image is held or not", async () => {
  promote("a");
  logEvent(db, null, EventType.RevisionQuarantined, { ...image("a"), reason: "r" });
  logEvent(db, null, EventType.RevisionQuarantined, { ...image("gone"), reason: "r" });
  await importAll();
  expect(isQuarantined(system.journal, "sha256:a")).toBe(true);
  expect(isQuarantined(system.journal, "sha256:gone")).toBe(true);
});

test("rows that are none of their type stay where they are", async () => {
  const insert = db.prepare("INSERT INTO events (timestamp, event_type, payload) VALUES (?, ?, ?)");
  insert.run(1, EventType.WorkerExited, null);
  insert.run(1, EventType.StopRequested, "{by:1,from:'cli'}");
  insert.run(1, EventType.DeployStarted, '{"revision":7}');
  insert.run(1, EventType.HoldRequested, JSON.stringify({ ...asked, more: "x".repeat(70_000) }));
  insert.run(-1, EventType.ChatPaused, '{"chat_id":7}');
  deploy("a");
  await importAll();
  expect(eventsAfter(system.journal, 0, 100).map(({ eventType }) => eventType)).toEqual([EventType.DeployStarted]);
});

test("last words of thirty thousand bytes come along", async () => {
  const parent = supervisor();
  worker(parent, `${parent}.1`, "a");
  logEvent(db, parent, EventType.WorkerExited, {
    ...{ ...image("a"), instance: `${parent}.1`, process_id: null, class: "crash", exit_code: 1, signal: null },
    ...{ oom: false, uptime_seconds: 1, ready_seconds: 1, error: null },
    log_tail: Array.from({ length: 40 }, () => "😀".repeat(200)),
  });
  await importAll();
  expect(newestWorker(system.journal)).toMatchObject({ exited: true });
  expect(stateOf(system.journal)).toEqual(stateOf(db));
});

test("new rows go on above all that the file ever had, and are the only ones that it lacks", async () => {
  deploy("a");
  logEvent(db, null, EventType.ChatPaused, { chat_id: 7 });
  db.exec("UPDATE sqlite_sequence SET seq = 41");
  logEvent(db, null, EventType.ChatPaused, { chat_id: 7 });
  const { shared, id } = await system.supervise();
  expect(id).toBeGreaterThan(42);
  expect(shared.seen().behind).toBe(2);
  expect(await shared.flush()).toBe(true);
  expect(eventsAfter(db, 0, 100).map(({ eventType }) => eventType)).toEqual([
    ...["deploy.started", "chat.paused", "chat.paused", "schema.made", "process.started"],
  ]);
});

test("what a worker said before stays its row, and is not taken as said anew", async () => {
  const parent = supervisor();
  deploy("a", parent);
  worker(parent, `${parent}.1`, "a");
  logEvent(db, null, EventType.DeployRequested, { by: "ann", from: "chat", revision: "worker:b" });
  const { shared } = await system.supervise();
  const before = eventsAfter(db, 0, 100).length;
  await shared.turn();
  await shared.turn();
  expect(eventsAfter(db, 0, 100)).toHaveLength(before + 2);
  expect(eventsAfter(system.journal, 0, 100).filter(({ eventType }) => eventType === "deploy.requested")).toHaveLength(
    1,
  );
});

test("a request that was answered is not asked anew, though its answer stays behind", async () => {
  const gone = logEvent(db, null, EventType.DeployRequested, { ...asked, revision: "worker:gone" });
  logEvent(db, null, EventType.DeployStarted, { ...image("gone"), request_id: gone, reason: "requested" });
  const old = logEvent(db, null, EventType.DeployRequested, { ...asked, revision: "worker:a" });
  logEvent(db, null, EventType.DeployRejected, { request_id: old, revision: "worker:a", reason: "r" });
  for (let n = 0; n < 200; n += 1)
    logEvent(db, null, EventType.DeployRejected, { request_id: 1e6 + n, revision: "worker:a", reason: "forged" });
  await importAll();
  expect(pendingRequest(system.journal)).toBeNull();
  expect(pendingRequest(db)).toBeNull();
});

test("while the engine is away nothing is read, and it is tried again", async () => {
  deploy("a");
  system.held = null;
  expect(await importAll()).toBe(false);
  expect(newestEventId(system.journal)).toBe(0);
  system.held = new Set(["sha256:a"]);
  expect(await importAll()).toBe(true);
  expect(wantedRevision(system.journal)).not.toBeNull();
});

test("a file that cannot be read to its end leaves an empty journal, and is read again", async () => {
  for (let n = 0; n < 100; n += 1) deploy("a");
  let pages = 0;
  system.scribe.deathOver = () => (++pages === 3 ? "before" : null);
  expect(await importAll()).toBe(false);
  expect(newestEventId(system.journal)).toBe(0);
  expect(await importAll()).toBe(true);
  expect(eventsAfter(system.journal, 0, 1000)).toHaveLength(100);
});

test("a death between the ledger and the journal begins anew, also with fewer images held", async () => {
  deploy("b");
  deploy("a");
  const ports = system.ports();
  const ledger = {
    ...ports.ledger,
    noteScanned() {
      throw new Error("it died");
    },
  };
  await expect(importPast({ ...ports, ledger }, 2)).rejects.toThrow("it died");
  expect(newestEventId(system.journal)).toBe(0);
  system.held = new Set(["sha256:b"]);
  await importAll();
  expect(system.ledger.newest(10)).toEqual([{ journalId: 1, sharedId: 1 }]);
});

test("a journal that has something is not filled again", async () => {
  await importAll();
  logEvent(system.journal, null, EventType.ProcessStarted, { role: "supervisor", pid: 1, version: "v" });
  deploy("a");
  expect(await importAll()).toBe(true);
  expect(wantedRevision(system.journal)).toBeNull();
});

test("of what counts by its newest the last two hundred come along, of images' verdicts all that anybody goes back to", async () => {
  db.exec("BEGIN");
  for (let n = 0; n < 450; n += 1) logEvent(db, null, EventType.HoldRequested, asked);
  for (let n = 0; n < 5200; n += 1) logEvent(db, null, EventType.RevisionQuarantined, { ...image("a"), reason: "r" });
  db.exec("COMMIT");
  await importAll();
  const kept = eventsAfter(system.journal, 0, 20_000);
  expect(kept.filter(({ eventType }) => eventType === "hold.requested").map(({ id }) => id)).toEqual(
    Array.from({ length: 200 }, (_, n) => n + 251),
  );
  expect(kept.filter(({ eventType }) => eventType === "revision.quarantined")).toHaveLength(5000);
});

test("a year of an older installation gives the same answers from the journal, and nothing is written twice", async () => {
  db.exec("BEGIN");
  seedYear(db, { events: 20_000, seed: 3, now: system.clock.now() });
  db.exec("COMMIT");
  const ids = db.prepare("SELECT DISTINCT payload ->> '$.image_id' FROM events WHERE event_type = 'revision.promoted'");
  system.held = new Set(ids.pluck().all() as string[]);
  expect(await importAll()).toBe(true);
  expect(stateOf(system.journal)).toEqual(stateOf(db));
  const before = newestEventId(db);
  system.reopen(() => system.removeFile(system.files.ledger));
  const { shared } = await system.supervise();
  expect(await shared.flush()).toBe(true);
  const added = eventsAfter(db, before, 1000).map(({ eventType }) => eventType);
  expect(added).toEqual(["schema.made", "process.started"]);
});
