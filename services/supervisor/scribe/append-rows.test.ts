import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { eventsAfter, logEvent, newestEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { appendRows } from "./append-rows.ts";
import type { MirroredRow } from "./shared-file.ts";

let temporary: TemporaryDatabase;
beforeEach(() => {
  temporary = temporaryDatabase();
});
afterEach(() => temporary.remove());

const row = (eventType: string, payload: object, more: Partial<MirroredRow> = {}): MirroredRow => ({
  timestamp: 1000,
  parentId: null,
  eventType,
  payload: JSON.stringify(payload),
  uncertain: false,
  ...more,
});
const exit = (processId: number | null) =>
  row(EventType.WorkerExited, { instance: "1.1", process_id: processId, class: "crash" });
const types = () => eventsAfter(temporary.db, 0, 100).map(({ eventType }) => eventType);

function workerWithAnOpenAttempt() {
  const { db } = temporary;
  const started = { role: "worker", pid: 1, version: "v", instance: "1.1" } as const;
  const processId = logEvent(db, null, EventType.ProcessStarted, started);
  const query = "INSERT INTO inbox (bot_id, update_id, chat_id, status, locked_by) VALUES (1, 1, 7, 'in_progress', ?)";
  const task = Number(db.prepare(query).run(processId).lastInsertRowid);
  const attempt = { chat_id: 7, task_id: task, update_id: 1, process_id: processId, attempt: 1 };
  const ended = logEvent(db, null, EventType.AgentStarted, attempt);
  logEvent(db, ended, EventType.AgentCompleted, { task_id: task });
  return { processId, task, open: logEvent(db, null, EventType.AgentStarted, { ...attempt, attempt: 2 }) };
}

test("rows keep their order, their time and their parent", () => {
  const [first = 0] = appendRows(temporary.db, { after: 0, rows: [row("a", { n: 1 })] });
  appendRows(temporary.db, {
    after: first,
    rows: [row("b", { n: 2 }, { parentId: first, timestamp: 5 }), row("c", {})],
  });
  expect(eventsAfter(temporary.db, first, 10)).toMatchObject([
    { eventType: "b", timestamp: 5, parentId: first, payload: { n: 2 } },
    { eventType: "c", timestamp: 1000, parentId: null },
  ]);
});

test("a row that may be there already is known again by what it says, also the second of two alike", () => {
  const rows = [row("a", { n: 1 }), row("a", { n: 1 }), row("b", {})];
  const ids = appendRows(temporary.db, { after: 0, rows });
  expect(appendRows(temporary.db, { after: 0, rows: rows.map((one) => ({ ...one, uncertain: true })) })).toEqual(ids);
  expect(types()).toEqual(["a", "a", "b"]);
});

test("a row that was surely never sent is written, whatever stands there", () => {
  const rows = [row("a", { n: 1 })];
  appendRows(temporary.db, { after: 0, rows });
  appendRows(temporary.db, { after: 0, rows });
  expect(types()).toEqual(["a", "a"]);
});

test("another payload, time or type is another row, and so is an equal one from before the last that is known", () => {
  const [first = 0] = appendRows(temporary.db, { after: 0, rows: [row("a", { n: 1 })] });
  const uncertain = { uncertain: true };
  const others = [
    row("a", { n: 2 }, uncertain),
    row("a", { n: 1 }, { ...uncertain, timestamp: 1001 }),
    row("b", { n: 1 }, uncertain),
  ];
  appendRows(temporary.db, { after: 0, rows: others });
  appendRows(temporary.db, { after: first, rows: [row("a", { n: 1 }, uncertain)] });
  expect(types()).toEqual(["a", "a", "a", "b", "a"]);
});

test("what a worker said is not written again where it stands, and is where it does not", () => {
  const { db } = temporary;
  const id = logEvent(db, null, EventType.WorkerReady, { poll_ms: 1 });
  const at = newestEvent(db, EventType.WorkerReady)?.timestamp ?? 0;
  const said = row(EventType.WorkerReady, { poll_ms: 1 }, { claim: { id, at } });
  expect(appendRows(db, { after: 0, rows: [said] })).toEqual([id]);
  const elsewhere = { ...said, claim: { id, at: at + 1 } };
  expect(appendRows(db, { after: 0, rows: [elsewhere] })).not.toEqual([id]);
  expect(types()).toEqual([EventType.WorkerReady, EventType.WorkerReady]);
});

test("the attempts that a dead worker left open end with its exit, once", () => {
  const { processId, task, open } = workerWithAnOpenAttempt();
  for (const uncertain of [false, true])
    appendRows(temporary.db, { after: 0, rows: [{ ...exit(processId), uncertain }] });
  expect(eventsAfter(temporary.db, 0, 100).filter(({ eventType }) => eventType === "agent.failed")).toMatchObject([
    { parentId: open, payload: { task_id: task, error_class: "worker_exited" } },
  ]);
});

test("a worker that was not heard of before it died is found by its instance", () => {
  const { processId } = workerWithAnOpenAttempt();
  appendRows(temporary.db, { after: 0, rows: [exit(null)] });
  const exited = eventsAfter(temporary.db, 0, 100).find(({ eventType }) => eventType === EventType.WorkerExited);
  expect(exited?.payload).toMatchObject({ process_id: processId });
  expect(types()).toContain("agent.failed");
});

test("an exit that was written before its worker was heard of is known again once it is", () => {
  const [exited] = appendRows(temporary.db, { after: 0, rows: [exit(null)] });
  workerWithAnOpenAttempt();
  expect(appendRows(temporary.db, { after: 0, rows: [{ ...exit(null), uncertain: true }] })).toEqual([exited]);
});

test("a trigger that leaves rows out is no success, and none of the batch stays", () => {
  temporary.db.exec(
    "CREATE TRIGGER thief BEFORE INSERT ON events WHEN NEW.event_type = 'b' BEGIN SELECT RAISE(IGNORE); END",
  );
  const rows = [row("a", {}), row("b", {})];
  expect(() => appendRows(temporary.db, { after: 0, rows })).toThrow("did not keep a row");
  expect(types()).toEqual([]);
});
