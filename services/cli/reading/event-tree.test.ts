import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { plain } from "../output.ts";
import { treeLines } from "../text/tree-text.ts";
import { newestSupervisorId, readTree, readTreeAndRoots, type TreeLimits } from "./event-tree.ts";

let temporary: TemporaryDatabase;
let supervisor: number;
beforeEach(() => {
  temporary = temporaryDatabase();
  temporary.db.function("unixepoch", (_subsec) => Date.UTC(2030, 0, 1) / 1000); // every event at the same moment
  supervisor = started("supervisor", null);
});
afterEach(() => temporary.remove());

const started = (role: "supervisor" | "worker", parent: number | null) =>
  logEvent(temporary.db, parent, EventType.ProcessStarted, { role, pid: 1, version: "v" });
const restartScheduled = (parent: number, attempt: number) =>
  logEvent(temporary.db, parent, EventType.RestartScheduled, { delay_ms: 0, attempt });
const workerReady = (parent: number) => logEvent(temporary.db, parent, EventType.WorkerReady, { poll_ms: 3 });

const everything: TreeLimits = { depth: null, children: null };

function drawn(id: number, limits = everything, payload = true): string[] | null {
  const tree = readTree(temporary.db, id, limits);
  return tree && [...treeLines(tree, { paint: plain, payload })];
}

/** A supervisor with two workers, each with an event of its own. */
function twoWorkers() {
  const first = started("worker", supervisor);
  const second = started("worker", supervisor);
  workerReady(first);
  workerReady(second);
  return { first, second };
}

test("a tree is drawn with what belongs to an event below it", () => {
  twoWorkers();
  expect(drawn(supervisor)).toEqual([
    "1  process.started  2030-01-01T00:00:00.000Z  role=supervisor pid=1 version=v",
    "├── 2  process.started  2030-01-01T00:00:00.000Z  role=worker pid=1 version=v",
    "│   └── 4  worker.ready  2030-01-01T00:00:00.000Z  poll_ms=3",
    "└── 3  process.started  2030-01-01T00:00:00.000Z  role=worker pid=1 version=v",
    "    └── 5  worker.ready  2030-01-01T00:00:00.000Z  poll_ms=3",
  ]);
});

test("a depth cuts the tree, and says what is below", () => {
  twoWorkers();
  expect(drawn(supervisor, { depth: 1, children: null }, false)).toEqual([
    "1  process.started  2030-01-01T00:00:00.000Z",
    "├── 2  process.started  2030-01-01T00:00:00.000Z  … 1 below",
    "└── 3  process.started  2030-01-01T00:00:00.000Z  … 1 below",
  ]);
});

test("any event can be the root", () => {
  const { second } = twoWorkers();
  expect(drawn(second, everything, false)).toEqual([
    "3  process.started  2030-01-01T00:00:00.000Z",
    "└── 5  worker.ready  2030-01-01T00:00:00.000Z",
  ]);
  expect(drawn(99)).toBeNull();
});

test("of many children the newest are shown, and how many are not", () => {
  for (let attempt = 1; attempt <= 5; attempt += 1) restartScheduled(supervisor, attempt);
  expect(drawn(supervisor, { depth: null, children: 2 }, false)).toEqual([
    "1  process.started  2030-01-01T00:00:00.000Z",
    "├── … 3 more before these (--all shows them)",
    "├── 5  restart.scheduled  2030-01-01T00:00:00.000Z",
    "└── 6  restart.scheduled  2030-01-01T00:00:00.000Z",
  ]);
});

test("the default root is the newest supervisor, not a worker that started later", () => {
  const next = started("supervisor", null);
  started("worker", next);
  expect(newestSupervisorId(temporary.db)).toBe(next);
});

test("with the newest supervisor come the promotions and requests of its time, each in its place", () => {
  const ask = () => logEvent(temporary.db, null, EventType.StopRequested, { by: "op", from: "cli" });
  ask();
  const next = started("supervisor", null);
  const evidence = { ready_seconds: 60, instance: "1.1" };
  restartScheduled(next, 1);
  logEvent(temporary.db, null, EventType.RevisionPromoted, { revision: "worker:b", image_id: "sha256:b", evidence });
  restartScheduled(next, 2);
  ask();
  const shown = (children: number | null) => {
    const tree = readTreeAndRoots(temporary.db, next, { depth: null, children });
    return tree && { hidden: tree.hidden, types: tree.children.map(({ eventType }) => eventType) };
  };
  const types = ["restart.scheduled", "revision.promoted", "restart.scheduled", "stop.requested"];
  expect(shown(null)).toEqual({ hidden: 0, types });
  expect(shown(2)).toEqual({ hidden: 2, types: types.slice(-2) });
});
