import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Database, openDatabase, openReadOnly, tryLock } from "../../../shared/database.ts";
import { logEvent, newestEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { threeTables } from "../../../shared/migrations/three-tables.ts";
import { schemaAsMade, schemaObjects } from "../../../shared/schema.ts";
import { isPromotedSince } from "../../../shared/state.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { type Life, lifeOfSupervisor } from "./temporary-supervisor.ts";

const PROGRAM = resolve(import.meta.dirname, "../main.ts");

let temporary: TemporaryDatabase;
beforeEach(() => {
  temporary = temporaryDatabase();
  for (const name of ["state", "own"]) mkdirSync(place(name));
});
afterEach(() => temporary.remove());

const place = (...names: string[]) => join(temporary.directory, ...names);
function empty(name: string): void {
  rmSync(place(name), { recursive: true });
  mkdirSync(place(name));
}
const backupFile = () => place("copy.db");
const lastgood = (...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((ended) => {
    const directories = { STATE_DIR: place("state"), OWN_DIR: place("own"), REQUESTS_DIR: place("requests") };
    const env = { PATH: process.env.PATH, ...directories };
    execFile(process.execPath, [PROGRAM, ...args], { env }, (error, stdout, stderr) =>
      ended({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
const restore = async (...options: string[]) =>
  JSON.parse((await lastgood("restore", backupFile(), "--json", ...options)).stdout);

const inSupervisor = (live: Life) => lifeOfSupervisor({ stateDir: place("state"), ownDir: place("own") }, live);

const b = { revision: "worker:b", image_id: "sha256:b" };
const promote = (journal: Database) =>
  void logEvent(journal, null, EventType.RevisionPromoted, { ...b, evidence: { ready_seconds: 60, instance: "1.1" } });
function deploy(journal: Database): void {
  const request = logEvent(journal, null, EventType.DeployRequested, { by: "op", from: "cli", revision: "worker:b" });
  logEvent(journal, null, EventType.DeployStarted, { ...b, request_id: request, reason: "requested" });
}
const inShared = (write: (db: Database) => void) => {
  const db = openDatabase(place("state", "lastgood.db"));
  write(db);
  db.close();
};
const read = <T>(file: string, look: (db: Database) => T): T => {
  const db = openReadOnly(file);
  const found = look(db);
  db.close();
  return found;
};
type Row = { id: number; timestamp: number; event_type: string; payload: string };
const rowsOf = (...names: string[]) =>
  read(place(...names), (db) => db.prepare("SELECT * FROM events ORDER BY id").all() as Row[]);
const typesIn = (...names: string[]) => rowsOf(...names).map(({ event_type: type }) => type);

/** Each row of the journal stands once in the shared file, in order, with the request that it answers. */
function expectMirroredOnce({ pairs }: { pairs: readonly (readonly [number, number])[] }): void {
  const sharedIds = new Map(pairs);
  const shared = rowsOf("state", "lastgood.db");
  const expected = rowsOf("own", "journal.db").map(({ id, timestamp, event_type: type, payload }) => {
    const request = JSON.parse(payload).request_id;
    return [sharedIds.get(id), timestamp, type, request === undefined ? undefined : sharedIds.get(request)];
  });
  const found = shared.map((row) => [row.id, row.timestamp, row.event_type, JSON.parse(row.payload).request_id]);
  expect(found.filter(([, , type]) => type !== "message.dropped")).toEqual(expected);
}

test("a journal that is there stays, and what happened since the backup is mirrored again, once", async () => {
  await inSupervisor(deploy);
  await lastgood("backup", backupFile());
  await inSupervisor(promote);
  inShared((db) => logEvent(db, null, EventType.MessageDropped, { by: "op", from: "cli", task_id: 1 } as never));
  const before = typesIn("own", "journal.db");
  expect(await restore()).toMatchObject({ events: 4, journal: "stayed", journal_kept: null });
  expect(typesIn("own", "journal.db")).toEqual([...before, "log.restored"]);
  const life = await inSupervisor(deploy);
  expectMirroredOnce(life);
  expect(typesIn("state", "lastgood.db").filter((type) => type === "revision.promoted")).toHaveLength(1);
  expectMirroredOnce(await inSupervisor(() => {}));
});

test("what a worker says after a restore is heard, and what was asked in the backup is not asked again", async () => {
  await inSupervisor(promote);
  inShared((db) => logEvent(db, null, EventType.DeployRequested, { by: "chat 7", from: "chat", revision: "worker:c" }));
  await lastgood("backup", backupFile());
  inShared((db) => {
    for (let row = 0; row < 30; row += 1) logEvent(db, null, EventType.AgentStarted, {} as never);
  });
  await inSupervisor((journal) => void logEvent(journal, null, EventType.SupervisorHalted, { reason: "none left" }));
  const asked = () => typesIn("own", "journal.db").filter((type) => type === "deploy.requested").length;
  expect(asked()).toBe(1);
  await restore();
  await inSupervisor((journal) => {
    expect(newestEvent(journal, EventType.LogRestored)).not.toBeNull();
    inShared((db) =>
      logEvent(db, null, EventType.DeployRequested, { by: "chat 7", from: "chat", revision: "worker:d" }),
    );
  });
  const revisions = rowsOf("own", "journal.db").flatMap(({ event_type: type, payload }) =>
    type === "deploy.requested" ? [JSON.parse(payload).revision] : [],
  );
  expect(revisions).toEqual(["worker:c", "worker:d"]);
});

test("an empty own is filled from the backup, ids and all, and promotions count", async () => {
  await inSupervisor((journal) => {
    deploy(journal);
    promote(journal);
  });
  const { stdout } = await lastgood("backup", backupFile());
  const before = rowsOf("own", "journal.db");
  expect(stdout).toContain(`, and ${before.length} events of the supervisor's journal`);
  for (const name of ["state", "own"]) empty(name);
  expect(await restore()).toMatchObject({ kept: null, journal: "restored", journal_kept: null });
  expect(read(place("state", "lastgood.db"), schemaObjects)).toEqual(schemaAsMade());
  expect(rowsOf("own", "journal.db").slice(0, -1)).toEqual(before);
  const life = await inSupervisor(() => {});
  expect(life.started).toBeGreaterThan(Number(before.at(-1)?.id));
  expectMirroredOnce(life);
  expect(
    read(place("own", "journal.db"), (db) => isPromotedSince(db, { imageId: "sha256:b", eventId: 1 } as never)),
  ).toBe(true);
});

test("rows that came after the copy of the shared file are looked for by what they say", async () => {
  await inSupervisor(deploy);
  await lastgood("backup", backupFile());
  const copy = openDatabase(backupFile(), "DELETE");
  copy.exec("UPDATE journal SET shared_id = NULL WHERE id > 2");
  copy.close();
  empty("own");
  await restore();
  expectMirroredOnce(await inSupervisor(() => {}));
});

test("with --journal the backup's takes the place of the one that is there, which is put aside", async () => {
  await inSupervisor(deploy);
  await lastgood("backup", backupFile());
  const before = typesIn("own", "journal.db");
  await inSupervisor(promote);
  const { journal, journal_kept: kept } = await restore("--journal");
  expect(journal).toBe("restored");
  expect(read(kept, (db) => newestEvent(db, EventType.RevisionPromoted))).not.toBeNull();
  expect(typesIn("own", "journal.db")).toEqual([...before, "log.restored"]);
  expectMirroredOnce(await inSupervisor(() => {}));
  writeFileSync(
    place("own", "journal.db"),
    "what is left of it, longer than any header of a database would be: 100 bytes",
  );
  expect(await lastgood("restore", backupFile())).toMatchObject({ code: 78 });
  expect(await restore("--journal")).toMatchObject({ journal: "restored" });
});

test("a table that somebody made in the shared file never becomes the journal", async () => {
  await inSupervisor(deploy);
  inShared((db) => db.exec("CREATE TABLE Journal AS SELECT *, id AS shared_id FROM events"));
  rmSync(place("own"), { recursive: true });
  const { stderr } = await lastgood("backup", backupFile());
  expect(stderr).toContain("the supervisor's journal is not in it");
  mkdirSync(place("own"));
  expect(await restore()).toMatchObject({ journal: "none" });
  expect(readdirSync(place("own")).filter((name) => name.startsWith("journal"))).toEqual([]);
  expect(await lastgood("restore", backupFile(), "--journal")).toMatchObject({
    code: 78,
    stderr: expect.stringContaining("has no journal"),
  });
});

test("a schema that is older than the journal knows is brought up to date, and is not foreign", async () => {
  await inSupervisor(() => {});
  const older = openDatabase(backupFile(), "DELETE");
  older.exec(threeTables);
  older.pragma("user_version = 101");
  older.close();
  expect(await restore()).toMatchObject({ journal: "stayed" });
  await inSupervisor(() => {});
});

test("a schema that is newer than the backup's journal knows is not foreign", async () => {
  await inSupervisor(deploy);
  await lastgood("backup", backupFile());
  const copy = openDatabase(backupFile(), "DELETE");
  copy.exec(`UPDATE journal SET payload = '{"version":105,"digest":"of then"}' WHERE event_type = 'schema.made'`);
  copy.close();
  for (const name of ["state", "own"]) empty(name);
  await restore();
  await inSupervisor(() => {});
});

test("what was asked in another installation's log is not asked again where its backup is restored", async () => {
  await inSupervisor((journal) => {
    for (let count = 0; count < 20; count += 1) promote(journal);
  });
  inShared((db) => logEvent(db, null, EventType.DeployRequested, { by: "chat 7", from: "chat", revision: "worker:c" }));
  await lastgood("backup", backupFile());
  for (const name of ["state", "own"]) empty(name);
  await inSupervisor(() => {});
  expect(await restore()).toMatchObject({ journal: "stayed" });
  await inSupervisor(() => {});
  expect(typesIn("own", "journal.db")).not.toContain("deploy.requested");
});

test("a restore that cannot reach the journal is noticed by the supervisor", async () => {
  await inSupervisor(deploy);
  await lastgood("backup", backupFile());
  await inSupervisor(promote);
  renameSync(place("own"), place("elsewhere"));
  expect(await restore()).toMatchObject({ journal: "elsewhere" });
  renameSync(place("elsewhere"), place("own"));
  expectMirroredOnce(await inSupervisor(() => {}));
});

test("nothing is restored beside a supervisor that holds its own volume, and no backup takes the journal's place", async () => {
  await inSupervisor(deploy);
  await lastgood("backup", backupFile());
  const lock = tryLock(place("own", "supervisor.lock"));
  expect(await lastgood("restore", backupFile())).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/supervisor runs/),
  });
  lock?.release();
  expect(await lastgood("backup", place("own", "journal.db"))).toMatchObject({ code: 78 });
  expect(existsSync(place("own", "journal.db.part"))).toBe(false);
});
