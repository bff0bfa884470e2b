import type { TwoFiles } from "../../services/supervisor/fake-two-files.ts";
import type { Database } from "../../shared/database.ts";
import { EventType } from "../../shared/event-types.ts";
import { instanceOf } from "../../shared/worker-state.ts";
import { pick } from "./acts.ts";
import { forgedPayload, forgedType } from "./hostile-rows.ts";

/** What a worker can do to the rows and to the schema of the file that it shares. */

export type Random = () => number;
export interface Means {
  readonly two: TwoFiles;
  readonly file: Database;
  readonly random: Random;
  readonly copies: Set<string>;
  hold(work: string): void;
}

const APPEND_ONLY = ["events_refuse_update", "events_refuse_delete", "events_refuse_replace"];

function nowOf({ system }: TwoFiles): number {
  return system.clock.now();
}

function insert(
  file: Database,
  row: { id?: number | bigint; at: number; parent: number | null; type: string; payload: string | null },
) {
  const query = "INSERT INTO events (id, timestamp, parent_id, event_type, payload) VALUES (?, ?, ?, ?, ?)";
  return Number(file.prepare(query).run(row.id ?? null, row.at, row.parent, row.type, row.payload).lastInsertRowid);
}

/** What a forger knows: who runs here, and what he runs. */
function knownTo({ two, file }: Means): Record<string, unknown> {
  const container = two.system.runtime.container();
  const instance = instanceOf(file, container?.instance ?? "");
  const exits = file
    .prepare("SELECT id FROM events WHERE event_type = 'worker.exited' ORDER BY id DESC LIMIT 5")
    .pluck()
    .all();
  return {
    instance,
    revision: container?.revision,
    image_id: container?.imageId,
    role: "worker",
    upstream: "telegram",
    exits,
    process_id: null,
  };
}

function parentFor(file: Database, random: Random): number | null {
  const newest = Number(file.prepare("SELECT coalesce(max(id), 0) FROM events").pluck().get());
  return pick([null, newest, 1 + (random() % (newest + 1)), newest + 5], random());
}

export function forge(means: Means, rows: number): void {
  const { two, file, random } = means;
  for (let count = 0; count < rows; count += 1) {
    const type = forgedType(random);
    const payload = forgedPayload(type, knownTo(means), random);
    const at = pick([nowOf(two), nowOf(two), nowOf(two) - 1000, 0, 9e15, -1], random());
    insert(file, { at, parent: parentFor(file, random), type, payload });
  }
}

/** Its own start, that it is ready, and its outages: true or not, it may say so. */
export function claim(means: Means): void {
  const { two, file, random } = means;
  const at = nowOf(two);
  const { instance } = knownTo(means);
  const started = { role: "worker", pid: 2, version: "v", instance: random() % 5 === 0 ? "1.1" : instance };
  const own = file
    .prepare(
      "SELECT id FROM events WHERE event_type = 'process.started' AND json_extract(payload, '$.instance') = ? ORDER BY id DESC",
    )
    .pluck()
    .get(instance);
  const parent =
    typeof own === "number"
      ? own
      : insert(file, { at, parent: null, type: EventType.ProcessStarted, payload: JSON.stringify(started) });
  const said: readonly [readonly [EventType, object], ...(readonly [EventType, object])[]] = [
    [EventType.WorkerReady, { poll_ms: 1 }],
    [EventType.WorkerReady, { poll_ms: 1 }],
    [EventType.UpstreamUnavailable, { upstream: "telegram", reason: "x" }],
    [EventType.UpstreamAvailable, { upstream: "telegram", outage_ms: 1 }],
    [EventType.MessageSetAside, { task_id: 1, exits: knownTo(means).exits }],
  ];
  const [type, payload] = pick(said, random());
  insert(file, { at, parent, type, payload: JSON.stringify(payload) });
}

export function ask({ two, file, random }: Means): void {
  const revision = pick(
    ["worker:a", "worker:b", "worker:nowhere", "evil.example/x:1", "-x", "", "w".repeat(600)],
    random(),
  );
  const asked: readonly [readonly [EventType, object], ...(readonly [EventType, object])[]] = [
    [EventType.DeployRequested, { by: "op", from: "cli", revision }],
    [EventType.RollbackRequested, { by: "op", from: "console", revision: random() % 2 ? null : revision }],
    [EventType.RollbackRequested, { by: "op", from: "cli", revision, image_id: "sha256:b" }],
    [EventType.StopRequested, { by: "op", from: "cli" }],
    [EventType.HoldRequested, { by: "op", from: "cli" }],
    [EventType.CancelRequested, { by: "op", from: "cli" }],
    [EventType.RevisionPromoted, { revision, image_id: "sha256:b", evidence: { instance: "x", ready_seconds: 900 } }],
  ];
  const [type, payload] = pick(asked, random());
  insert(file, { at: nowOf(two), parent: null, type, payload: JSON.stringify(payload) });
}

/** Also what the mirror is about to write might stand there already. */
export function copy({ file, random, copies }: Means): void {
  const row = file
    .prepare(
      "SELECT timestamp AS at, parent_id AS parent, event_type AS type, payload FROM events ORDER BY id DESC LIMIT 1 OFFSET ?",
    )
    .get(random() % 4);
  if (!row) return;
  const copied = row as { at: number; parent: number | null; type: string; payload: string | null };
  insert(file, copied);
  copies.add(JSON.stringify([copied.type, copied.at, copied.payload]));
}

export function flood(file: Database, random: Random): void {
  const type = pick([EventType.ProcessStarted, EventType.DeployRequested, EventType.AgentStarted], random());
  file
    .prepare(
      `INSERT INTO events (event_type, payload) SELECT ?, json_object('by', 'x', 'revision', 'worker:' || value) FROM generate_series(1, 450)`.replace(
        "generate_series(1, 450)",
        "(WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 450) SELECT value FROM n)",
      ),
    )
    .run(type);
}

export const TRIGGERS: readonly [string, ...string[]] = [
  "CREATE TRIGGER thief BEFORE INSERT ON events BEGIN SELECT RAISE(IGNORE); END",
  "CREATE TRIGGER wall BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no'); END",
  "CREATE TRIGGER gate BEFORE INSERT ON events WHEN NEW.event_type LIKE 'worker.%' BEGIN SELECT RAISE(IGNORE); END",
  "CREATE TRIGGER twin AFTER INSERT ON events WHEN NEW.event_type LIKE 'worker.%' BEGIN INSERT INTO events (event_type) VALUES ('twin'); END",
  "CREATE TRIGGER loop AFTER INSERT ON inbox BEGIN DELETE FROM inbox; END",
];
export const SCHEMA_CHANGES: readonly [string, ...string[]] = [
  "CREATE TABLE foreign_one (a)",
  "CREATE VIEW looks AS SELECT * FROM events",
  "DROP INDEX events_by_type",
  "DROP TRIGGER events_refuse_delete",
  "ALTER TABLE events ADD COLUMN more",
  "ALTER TABLE events RENAME TO happenings",
  "ALTER TABLE events RENAME COLUMN payload TO load",
  "CREATE UNIQUE INDEX once ON events (event_type) WHERE event_type = 'worker.spawned'",
  "DROP TABLE inbox",
  "DROP TABLE history; CREATE TABLE history (a)",
];
export const CHANGES: readonly [string, ...string[]] = [
  "UPDATE events SET timestamp = timestamp + 1",
  "UPDATE events SET payload = '{}' WHERE event_type LIKE 'worker.%'",
  "UPDATE events SET event_type = 'other' WHERE id % 3 = 0",
  "UPDATE events SET id = id + 1000 WHERE id = (SELECT max(id) FROM events)",
];

export function withoutGuards(file: Database, random: Random, work: string): void {
  const guards = file.prepare("SELECT sql FROM sqlite_schema WHERE type = 'trigger'").pluck().all() as string[];
  for (const name of APPEND_ONLY) file.exec(`DROP TRIGGER IF EXISTS ${name}`);
  file.exec(work);
  if (random() % 4 > 0) for (const guard of guards) file.exec(guard);
}

export function spoilSchema(file: Database, random: Random): void {
  file.unsafeMode(true);
  file.pragma("writable_schema = ON");
  file.exec(
    pick(
      [
        "UPDATE sqlite_schema SET sql = 'garbage' WHERE name = 'events'",
        "UPDATE sqlite_schema SET rootpage = 9999 WHERE name = 'events'",
        "DELETE FROM sqlite_schema WHERE name = 'events_by_type'",
      ],
      random(),
    ),
  );
}

export function useUpIds({ two, file, random }: Means): void {
  const id = pick([2n ** 63n - 1n, 2n ** 62n, 2n ** 53n + 1n, 2n ** 48n - 3n, 10_000n], random());
  if (random() % 2) insert(file, { id, at: nowOf(two), parent: null, type: EventType.WorkerReady, payload: "{}" });
  else file.prepare("UPDATE sqlite_sequence SET seq = ? WHERE name = 'events'").run(id);
}
