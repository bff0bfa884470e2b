import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Database } from "../../../shared/database.ts";
import { eventsAfter, logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { newestWorker } from "../../../shared/worker-state.ts";
import { type TemporaryJournal, temporaryJournal } from "./temporary-journal.ts";

let system: TemporaryJournal;
beforeEach(() => {
  system = temporaryJournal();
});
afterEach(() => system.remove());

const typesIn = (db: Database) => eventsAfter(db, 0, 20_000).map(({ eventType }) => eventType);
const worker = () => newestWorker(system.journal);

/** What a worker writes when it comes up, as one does that was given the supervisor's row as its parent. */
function comesUp(db: Database, parent: number | null, instance: string): void {
  const started = { role: "worker", pid: 2, version: "v", instance } as const;
  const processId = logEvent(db, parent, EventType.ProcessStarted, started);
  logEvent(db, processId, EventType.WorkerReady, { poll_ms: 1 });
}

test("rows go out and claims come in: a worker is ready once it has said so, and a decision is asked for", async () => {
  const { shared, id } = await system.supervise();
  system.spawn(id, `${id}.1`);
  await shared.turn();
  const before = system.changes;
  comesUp(system.connect(), shared.sharedIdOf(id), `${id}.1`);
  await shared.turn();
  expect(worker()?.readyAt).not.toBeNull();
  expect(system.changes).toBeGreaterThan(before);
  expect(shared.seen()).toMatchObject({ trouble: null, foreign: [], behind: 0, skippedClaims: 0 });
  expect(typesIn(system.connect())).toEqual([
    ...["schema.made", "process.started", "worker.spawned", "process.started", "worker.ready"],
  ]);
});

test("a claim that was read and not taken is taken by the next supervisor, and none is taken twice", async () => {
  const first = await system.supervise();
  await first.shared.turn();
  const db = system.connect();
  comesUp(db, first.shared.sharedIdOf(first.id), `${first.id}.1`);
  logEvent(db, null, EventType.RollbackRequested, { by: "ann", from: "chat", revision: null });
  await first.shared.turn();
  expect(worker()).toBeNull();
  system.reopen();
  const second = await system.supervise();
  system.spawn(first.id, `${first.id}.1`);
  await second.shared.turn();
  await second.shared.turn();
  expect(worker()?.readyAt).not.toBeNull();
  expect(typesIn(system.journal).filter((type) => type === "rollback.requested")).toHaveLength(1);
});

test("a wish from the chat that names no image is answered, and supervision goes on", async () => {
  const { shared } = await system.supervise();
  await shared.turn();
  const db = system.connect();
  logEvent(db, null, EventType.RollbackRequested, { by: "ann", from: "chat", revision: "worker:dev/" });
  logEvent(db, null, EventType.DeployRequested, { by: "ann", from: "chat", revision: "registry.example//me/agent:v2" });
  await shared.turn();
  await shared.turn();
  expect(typesIn(db).slice(-2).sort()).toEqual(["deploy.rejected", "rollback.rejected"]);
});

test("ten thousand forged claims keep nobody from hearing the worker that comes after them, within one turn", async () => {
  const { shared, id } = await system.supervise();
  system.spawn(id, `${id}.1`);
  await shared.turn();
  const db = system.connect();
  db.exec(`BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
    INSERT INTO events (event_type, payload) SELECT 'process.started',
      json_object('role', 'worker', 'pid', i, 'version', 'v', 'instance', '9.' || i) FROM n;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
    INSERT INTO events (event_type, payload) SELECT 'deploy.requested',
      json_object('by', 'bad', 'from', 'chat', 'revision', 'worker:x') FROM n; COMMIT`);
  comesUp(db, shared.sharedIdOf(id), `${id}.1`);
  await shared.turn();
  expect(worker()?.readyAt).not.toBeNull();
  expect(typesIn(system.journal).filter((type) => type === "deploy.requested")).toHaveLength(30);
});

test("a backup that is put back: what is missing there is written again, and the next worker is heard", async () => {
  const first = await system.supervise();
  await first.shared.turn();
  const backup = `${system.files.shared}.backup`;
  const db = system.connect();
  db.pragma("wal_checkpoint(TRUNCATE)");
  system.copy(system.files.shared, backup);
  for (let n = 0; n < 500; n += 1) logEvent(db, null, EventType.ChatPaused, { chat_id: n });
  const stop = { by: "op", from: "cli" } as const;
  logEvent(system.journal, null, EventType.StopRequested, stop);
  logEvent(db, null, EventType.RollbackRequested, { by: "ann", from: "chat", revision: null });
  await first.shared.turn();
  db.close();
  system.reopen(() => {
    system.removeFile(system.files.shared);
    system.copy(backup, system.files.shared);
  });
  const second = await system.supervise();
  for (let turns = 0; turns < 3; turns += 1) await second.shared.turn();
  const restored = system.connect();
  expect(typesIn(restored)).toEqual(typesIn(system.journal));
  system.spawn(second.id, `${second.id}.1`);
  expect(await second.shared.flush()).toBe(true);
  comesUp(restored, second.shared.sharedIdOf(second.id), `${second.id}.1`);
  await second.shared.turn();
  expect(worker()?.readyAt).not.toBeNull();
  expect(typesIn(system.journal).filter((type) => type === "rollback.requested")).toHaveLength(1);
});

test("a row far ahead that is taken away again hides nothing that comes after it", async () => {
  const { shared, id } = await system.supervise();
  system.spawn(id, `${id}.1`);
  await shared.turn();
  const db = system.connect();
  const trigger = "SELECT sql FROM sqlite_schema WHERE name = 'events_refuse_delete'";
  const made = String(db.prepare(trigger).pluck().get());
  const sequence = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'events'").pluck().get();
  db.exec(`INSERT INTO events (id, event_type, payload) VALUES (${2 ** 40}, 'worker.ready', '{"poll_ms":1}')`);
  await shared.turn();
  db.exec(`DROP TRIGGER events_refuse_delete; DELETE FROM events WHERE id = ${2 ** 40}; ${made}`);
  db.exec(`UPDATE sqlite_sequence SET seq = ${sequence} WHERE name = 'events'`);
  comesUp(db, shared.sharedIdOf(id), `${id}.1`);
  await shared.turn();
  expect(worker()?.readyAt).not.toBeNull();
});

test("a file that was set aside: all rows again, claims are read from the beginning, and the next worker is heard", async () => {
  const { shared, id } = await system.supervise();
  system.spawn(id, `${id}.1`);
  await shared.turn();
  const db = system.connect();
  for (let n = 0; n < 50; n += 1) logEvent(db, null, EventType.ChatPaused, { chat_id: n });
  comesUp(db, shared.sharedIdOf(id), `${id}.1`);
  await shared.turn();
  system.exit(`${id}.1`);
  expect(await shared.replace()).toMatchObject({ setAside: expect.stringMatching(/^damaged-.*\.db$/) });
  expect(await shared.flush()).toBe(true);
  const anew = system.connect();
  expect(typesIn(anew)).toEqual(typesIn(system.journal));
  system.spawn(id, `${id}.2`);
  comesUp(anew, shared.sharedIdOf(id), `${id}.2`);
  await shared.turn();
  expect(worker()?.readyAt).not.toBeNull();
  for (let turns = 0; turns < 3; turns += 1) await shared.turn();
  expect(typesIn(anew)).toHaveLength(typesIn(system.journal).length);
});

test("a child that dies over any question loses nothing, and doubles nothing", async () => {
  for (const death of ["before", "after"] as const) {
    const { shared, id } = await system.supervise();
    for (let dies = 0; dies < 8; dies += 1) {
      let questions = 0;
      system.scribe.deathOver = () => (questions++ === dies ? death : null);
      const instance = `${id}.${dies}`;
      system.spawn(id, instance);
      await shared.turn();
      system.scribe.deathOver = () => null;
      expect(await shared.flush()).toBe(true);
      comesUp(system.connect(), shared.sharedIdOf(id), instance);
      questions = 0;
      system.scribe.deathOver = () => (questions++ === dies ? death : null);
      for (let turns = 0; turns < 3; turns += 1) await shared.turn();
      expect(worker()).toMatchObject({ instance, readyAt: expect.any(Number) });
      system.exit(instance);
    }
    system.scribe.deathOver = () => null;
    await shared.turn();
    expect(typesIn(system.connect()).sort()).toEqual(typesIn(system.journal).sort());
  }
});

test("what is wrong with the file is seen, and asks for a decision once", async () => {
  const { shared } = await system.supervise();
  await shared.turn();
  const sound = shared.seen().soundings;
  const before = system.changes;
  const locker = system.connect();
  locker.exec("BEGIN IMMEDIATE");
  await shared.turn();
  await shared.turn();
  expect(shared.seen()).toMatchObject({ trouble: { kind: "locked" }, soundings: sound });
  expect(system.changes).toBe(before + 1);
  locker.exec("ROLLBACK");
  await shared.turn();
  expect(shared.seen()).toMatchObject({ trouble: null, soundings: sound + 1 });
  system.scribe.deathOver = () => "before";
  await shared.turn();
  expect(shared.seen()).toMatchObject({ trouble: { kind: "silent" } });
});

test("a file with something foreign in its schema is written to, and is not the file that it was before", async () => {
  const { shared } = await system.supervise();
  await shared.turn();
  const { soundAt, soundings } = shared.seen();
  system.connect().exec("CREATE TRIGGER thief AFTER INSERT ON inbox BEGIN SELECT 1; END");
  system.clock.advance(5000);
  await shared.turn();
  expect(shared.seen()).toMatchObject({ foreign: ["trigger thief"], soundAt, soundings: soundings + 1 });
});
