/**
 * Loaded into a worker by NODE_OPTIONS: a revision that is ready like any other, and a moment later does what HOSTILE names
 * to what it shares with everybody. With HOSTILE_WHEN it waits until a file of that name lies in the state directory.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";

const STATE = "/state";
const FILE = `${STATE}/lastgood.db`;
const ALL = [FILE, `${FILE}-wal`, `${FILE}-shm`];
const Database = createRequire("/app/package.json")("better-sqlite3");

const open = () => new Database(FILE, { timeout: 5000 });
const remove = (...names) => {
  for (const name of names) fs.rmSync(name, { force: true, recursive: true });
};
const shell = (script) => spawn("sh", ["-c", script], { stdio: "inherit" });
const spin = () => {
  for (;;);
};
const insert = (db) => db.prepare("INSERT INTO events (event_type, payload) VALUES (?, ?)");
/** With all of it in the file itself, and nothing in the WAL. */
function checkpointed() {
  const db = open();
  for (let n = 0; n < 100; n += 1) if (db.pragma("wal_checkpoint(TRUNCATE)", { simple: true }) === 0) break;
  const rootOf = (table) => db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?").pluck().get(table);
  return { file: fs.openSync(FILE, "r+"), size: fs.statSync(FILE).size, rootOf };
}
/** Held for as long as the process lives: what nobody refers to is closed. */
const kept = [];

const HARMS = {
  "locks and loops"() {
    open().exec("BEGIN IMMEDIATE");
    spin();
  },
  "locks and lives on"() {
    const db = open();
    kept.push(db);
    db.exec("BEGIN EXCLUSIVE");
    setInterval(() => fs.writeFileSync(`${STATE}/heartbeat`, ""), 500);
  },
  "locks from a child"() {
    const script = `const db = new (require("better-sqlite3"))("${FILE}"); db.exec("BEGIN IMMEDIATE"); setInterval(() => {}, 1000)`;
    spawn(process.execPath, ["-e", script], { cwd: "/app", env: {}, stdio: "inherit" });
  },
  "fills the disk"() {
    const file = fs.openSync(`${STATE}/cache.bin`, "a");
    const block = Buffer.alloc(4 * 1024 * 1024);
    const fill = () => {
      try {
        for (;;) fs.writeSync(file, block);
      } catch {} // full: what is freed is taken at once
    };
    fill();
    setInterval(fill, 10);
  },

  "forges decisions"() {
    const db = open();
    const image = `sha256:${"f".repeat(64)}`;
    const good = db
      .prepare("SELECT payload ->> '$.image_id' FROM events WHERE event_type = 'revision.promoted' ORDER BY id LIMIT 1")
      .pluck()
      .get();
    const say = (type, payload) => insert(db).run(type, JSON.stringify(payload));
    const worker = { instance: "1.1", revision: "lastgood-worker:forged", image_id: image };
    say("revision.promoted", { ...worker, evidence: { ready_seconds: 60, instance: "1.1" } });
    say("revision.quarantined", { revision: "good", image_id: good, reason: "forged" });
    say("deploy.started", { request_id: null, revision: "lastgood-worker:forged", image_id: image });
    say("worker.exited", { ...worker, exit_code: 1, uptime_seconds: 1, class: "crash", process_id: null });
    say("worker.spawned", { ...worker, pid: 1, container_id: "0" });
    say("supervisor.halted", { reason: "forged" });
    say("stop.requested", { by: "root", from: "cli" });
    say("hold.requested", { by: "root", from: "cli" });
    for (let n = 0; n < 5; n += 1)
      say("deploy.requested", { by: "root", from: "cli", revision: "lastgood-worker:forged" });
  },
  "forges payloads"() {
    const db = open();
    const types = [
      "worker.exited",
      "worker.ready",
      "process.started",
      "deploy.requested",
      "agent.started",
      "turn.completed",
    ];
    for (const type of types) {
      for (const payload of [null, "{chat_id:1}", '{"a":[[[[[[[[]]]]]]]],"instance":{}}', '{"timestamp":9e99}']) {
        insert(db).run(type, payload);
      }
    }
    const at = db.prepare("INSERT INTO events (timestamp, event_type, payload) VALUES (?, ?, ?)");
    for (const time of [9_000_000_000_000_000n, -1n, 0n]) at.run(time, "worker.exited", '{"instance":"1.1"}');
    insert(db).run("worker.exited", JSON.stringify({ instance: "1.1", log_tail: "x".repeat(20 * 1024 * 1024) })); // more would end its writer
  },
  "uses up the ids"() {
    open().exec("INSERT INTO events (id, event_type, payload) VALUES (9223372036854775807, 'hostile.last', NULL)");
  },
  "floods with claims"() {
    const db = open();
    const id = db.prepare("SELECT max(id) FROM events WHERE event_type = 'process.started'").pluck().get();
    const claims = [
      "process.started",
      "worker.ready",
      "upstream.unavailable",
      "deploy.requested",
      "rollback.requested",
    ];
    const row = db.prepare("INSERT INTO events (parent_id, event_type, payload) VALUES (?, ?, ?)");
    const said = JSON.stringify({ role: "worker", pid: 1, version: "v", instance: "1.1", by: "x", revision: "a:b" });
    const flood = db.transaction(() => {
      for (let n = 0; n < 10_000; n += 1) row.run(id, claims[n % claims.length], said);
    });
    setInterval(() => flood.immediate(), 100);
  },

  "leaves out rows"() {
    open().exec(
      "CREATE TRIGGER thief BEFORE INSERT ON events WHEN NEW.event_type = 'worker.exited' BEGIN SELECT RAISE(IGNORE); END",
    );
  },
  "refuses rows"() {
    open().exec("CREATE TRIGGER wall BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no'); END");
  },
  "says another version": () => open().pragma("user_version = 900"),
  "drops a table"() {
    const db = open();
    db.pragma("foreign_keys = OFF");
    db.exec("DROP TABLE events");
  },
  "rewrites the schema"() {
    const db = open();
    db.unsafeMode();
    db.pragma("writable_schema = ON");
    db.exec("UPDATE sqlite_schema SET sql = 'CREATE TABLE events (x' WHERE name = 'events'");
    db.pragma("schema_version = 12345");
  },
  "writes random bytes"() {
    const file = fs.openSync(FILE, "r+");
    const { size } = fs.fstatSync(file);
    for (let at = 0; at < size; at += 4096) fs.writeSync(file, randomBytes(4096), 0, 4096, at);
  },
  "removes the file": () => remove(...ALL),
  "puts a FIFO there"() {
    remove(...ALL);
    shell(`mkfifo ${ALL.join(" ")}`);
  },
  "puts a link there"() {
    remove(...ALL);
    fs.symlinkSync("/etc/passwd", FILE);
  },
  "puts a directory there"() {
    remove(...ALL);
    fs.mkdirSync(`${FILE}/full/of`, { recursive: true });
  },
  "puts another database there"() {
    remove(...ALL);
    new Database(FILE).exec("CREATE TABLE events (id INTEGER PRIMARY KEY, event_type, payload, timestamp, parent_id)");
  },
  "puts an unreadable copy there"() {
    fs.copyFileSync(FILE, `${FILE}.copy`);
    fs.chmodSync(`${FILE}.copy`, 0);
    remove(`${FILE}-wal`, `${FILE}-shm`);
    fs.renameSync(`${FILE}.copy`, FILE);
  },
  "cuts the shared memory": () => shell(`while :; do truncate -s 0 ${FILE}-shm; done`),
  "cuts the file"() {
    const { size } = checkpointed();
    fs.truncateSync(FILE, Math.floor(size / 8192) * 4096);
  },
  "breaks a page and is left"() {
    const { file, rootOf } = checkpointed();
    fs.writeSync(file, randomBytes(4096), 0, 4096, (rootOf("history") - 1) * 4096);
  },

  "puts a FIFO for a heartbeat"() {
    remove(`${STATE}/heartbeat`);
    shell(`mkfifo ${STATE}/heartbeat`);
  },
  "puts a directory for a heartbeat"() {
    remove(`${STATE}/heartbeat`);
    fs.mkdirSync(`${STATE}/heartbeat/full`, { recursive: true });
  },
  "links the heartbeat to the file"() {
    remove(`${STATE}/heartbeat`);
    fs.symlinkSync(FILE, `${STATE}/heartbeat`);
  },
};

/** A worker is ready by its own row; a moment later it shows what it is. */
const MOMENT_MS = 500;

function isReady() {
  try {
    const db = new Database(FILE, { readonly: true, fileMustExist: true });
    const query = `SELECT 1 FROM events r JOIN events s ON s.id = r.parent_id
      WHERE r.event_type = 'worker.ready' AND s.payload ->> '$.instance' LIKE ? || '%'`;
    const found = db.prepare(query).get(process.env.WORKER_INSTANCE);
    db.close();
    return found !== undefined;
  } catch {
    return false;
  }
}

const { HOSTILE, HOSTILE_WHEN } = process.env;
if (process.argv[1]?.endsWith("services/worker/main.ts") && process.argv[2] === undefined) {
  const waiting = setInterval(() => {
    if (!isReady() || (HOSTILE_WHEN && !fs.existsSync(`${STATE}/${HOSTILE_WHEN}`))) return;
    clearInterval(waiting);
    setTimeout(() => {
      fs.writeFileSync(`${STATE}/harm-${HOSTILE.replaceAll(" ", "-")}`, String(Date.now()));
      HARMS[HOSTILE]();
    }, MOMENT_MS);
  }, 100);
}
