import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { eventsAfter, logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { newestWorker, outageOf } from "../../../shared/worker-state.ts";
import { parseClaim } from "./claim.ts";
import { takeClaim } from "./take-claims.ts";
import { type TemporaryJournal, temporaryJournal } from "./temporary-journal.ts";

const HOUR_MS = 3_600_000;

let system: TemporaryJournal;
let supervisor: number;
beforeEach(() => {
  system = temporaryJournal();
  supervisor = logEvent(system.journal, null, EventType.ProcessStarted, { role: "supervisor", pid: 1, version: "v" });
});
afterEach(() => system.remove());

let lastId = 0;
interface Row {
  id?: number;
  parentId?: number | null;
  timestamp?: number;
}
/** Far above the journal's own ids, so that one is never taken for the other. */
function claim(eventType: string, payload: object, { id = ++lastId + 10_000, parentId = null, timestamp }: Row = {}) {
  const row = { id, parentId, timestamp: timestamp ?? system.clock.now(), eventType, payload: JSON.stringify(payload) };
  const parsed = parseClaim(row);
  if (!parsed) throw new Error("it is no claim");
  return parsed;
}
const take = (...given: Parameters<typeof claim>) => takeClaim(system.ports(), claim(...given));
const start = (instance: string, row: Row = {}) =>
  take(EventType.ProcessStarted, { role: "worker", pid: 2, version: "v", instance }, row);
const ready = (row: Row) => take(EventType.WorkerReady, { poll_ms: 1 }, row);
const unavailable = (row: Row) => take(EventType.UpstreamUnavailable, { upstream: "telegram", reason: "r" }, row);
const available = (row: Row) => take(EventType.UpstreamAvailable, { upstream: "telegram", outage_ms: 1 }, row);
const deploy = (revision = "worker:b", row: Row = {}) => take(EventType.DeployRequested, { by: "ann", revision }, row);
const rollback = (payload: object = {}, row: Row = {}) =>
  take(EventType.RollbackRequested, { by: "ann", revision: null, ...payload }, row);

const journaled = (type: string) =>
  eventsAfter(system.journal, 0, 10_000).filter(({ eventType }) => eventType === type);

/** A worker that has said that it started, with the row of the shared file in which it did. */
function startedWorker(instance = "1.1"): { said: number } {
  system.spawn(supervisor, instance);
  const said = 500 + ++lastId;
  expect(start(instance, { id: said })).toBe("taken");
  return { said };
}

function promoted(image = "a"): void {
  const revision = { revision: `worker:${image}`, image_id: `sha256:${image}` };
  logEvent(system.journal, null, EventType.DeployStarted, { ...revision, request_id: null, reason: "configured" });
  const evidence = { ready_seconds: 60, instance: "1.1" };
  logEvent(system.journal, null, EventType.RevisionPromoted, { ...revision, evidence });
}

test("a start of the newest worker is taken, under the supervisor that made it, with the row that it was taken from", () => {
  system.spawn(supervisor, "1.1");
  expect(start("1.1", { id: 77 })).toBe("taken");
  expect(journaled(EventType.ProcessStarted).at(-1)).toMatchObject({
    parentId: supervisor,
    payload: { role: "worker", pid: 2, instance: "1.1", claim: { id: 77, at: system.clock.now() } },
  });
});

test("a start is none before that worker is recorded, of another, after it ended, and the second time", () => {
  expect(start("1.1")).toBe("early");
  system.spawn(supervisor, "1.1");
  expect(start("1.2")).toBe("early");
  expect(start("1.1")).toBe("taken");
  expect(start("1.1")).toBe("early");
  system.exit("1.1");
  system.spawn(supervisor, "1.2");
  system.exit("1.2");
  expect(start("1.2")).toBe("early");
  expect(journaled(EventType.ProcessStarted)).toHaveLength(2);
});

test("a container that is started again: what its run before wrote is no word of the new one", () => {
  const begun = system.clock.now();
  startedWorker("1.1");
  system.exit("1.1", { startedAt: begun + 5000 });
  system.spawn(supervisor, "1.1/44");
  expect(start("1.1", { timestamp: begun + 4999 })).toBe("early");
  expect(start("1.1/40", { timestamp: begun + 5000 })).toBe("taken");
  expect(journaled(EventType.ProcessStarted).at(-1)?.payload).toMatchObject({ instance: "1.1/44" });
});

test("a worker that says in advance that the next one is up is not believed; the next one is", () => {
  startedWorker("1.1");
  const exit = system.exit("1.1");
  system.ledger.note([{ journalId: exit, sharedId: 900 }]);
  system.spawn(supervisor, "1.2");
  expect(start("1.2", { id: 899, timestamp: system.clock.now() + HOUR_MS })).toBe("not so");
  expect(start("1.2", { id: 905 })).toBe("taken");
  expect(ready({ id: 906, parentId: 905 })).toBe("taken");
});

test("a container that is started again may be up before its last exit is recorded", () => {
  startedWorker("1.1");
  const exit = system.exit("1.1");
  system.ledger.note([{ journalId: exit, sharedId: 20_000 }]);
  system.spawn(supervisor, `1.1/${exit}`);
  expect(start(`1.1/${exit}`, { id: 19_000 })).toBe("taken");
});

test("ready is what hangs under the worker's own start, once, while it runs", () => {
  expect(ready({ parentId: 499 })).toBe("early");
  const { said } = startedWorker();
  expect(ready({ parentId: null })).toBe("early");
  expect(ready({ parentId: said + 1 })).toBe("early");
  expect(ready({ parentId: said, id: said - 1 })).toBe("early");
  expect(newestWorker(system.journal)?.readyAt).toBeNull();
  expect(ready({ parentId: said })).toBe("taken");
  expect(newestWorker(system.journal)?.readyAt).toBe(system.clock.now());
  expect(ready({ parentId: said })).toBe("not so");
  system.exit("1.1");
  expect(ready({ parentId: said })).toBe("early");
});

test("a worker that is spawned and has not said so cannot be ready", () => {
  system.spawn(supervisor, "1.1");
  expect(ready({ parentId: 5 })).toBe("early");
});

test("an outage begins and ends once, and only for the worker that runs", () => {
  expect(unavailable({ parentId: 7 })).toBe("early");
  const { said } = startedWorker();
  const row = { parentId: said };
  expect(unavailable({ parentId: said + 1 })).toBe("early");
  expect(available(row)).toBe("not so");
  expect(unavailable(row)).toBe("taken");
  expect(unavailable(row)).toBe("not so");
  expect(journaled(EventType.UpstreamUnavailable)[0]).toMatchObject({
    parentId: newestWorker(system.journal)?.processId,
    payload: { upstream: "telegram", reason: "r", claim: { at: system.clock.now() } },
  });
  expect(available(row)).toBe("taken");
  expect(outageOf(system.journal, newestWorker(system.journal)?.processId ?? 0)).toBeNull();
  system.exit("1.1");
  expect(unavailable(row)).toBe("early");
});

test("a hundred outages of a worker are kept, and the last of them ends as well", () => {
  const { said } = startedWorker();
  for (let outage = 1; outage <= 100; outage += 1) {
    expect(unavailable({ parentId: said })).toBe("taken");
    expect(available({ parentId: said })).toBe("taken");
  }
  expect(unavailable({ parentId: said })).toBe("not so");
  expect(outageOf(system.journal, newestWorker(system.journal)?.processId ?? 0)).toBeNull();
  system.exit("1.1");
  const next = startedWorker("1.2");
  expect(unavailable({ parentId: next.said })).toBe("taken");
});

test("whoever a wish says it is from, it is from the chat", () => {
  promoted();
  const forged = claim(EventType.DeployRequested, { by: "root", from: "cli", revision: "worker:b", spool_id: "x" });
  expect(takeClaim(system.ports(), forged)).toBe("taken");
  expect(journaled(EventType.DeployRequested)[0]?.payload).toEqual({
    ...{ by: "root", revision: "worker:b", from: "chat", claim: { id: forged.id, at: forged.timestamp } },
  });
  expect(journaled(EventType.DeployRejected)).toEqual([]);
});

test("a row of our own is no claim, nor is one that was taken before", () => {
  promoted();
  const request = logEvent(system.journal, null, EventType.DeployRequested, {
    ...{ by: "op", from: "cli", revision: "worker:b" },
  });
  system.ledger.note([{ journalId: request, sharedId: 33 }]);
  expect(deploy("worker:b", { id: 33 })).toBe("not so");
  expect(rollback({}, { id: 34 })).toBe("taken");
  expect(rollback({}, { id: 34 })).toBe("not so");
  expect(deploy("worker:c", { id: 35 })).toBe("taken");
  expect(deploy("worker:c", { id: 35 })).toBe("not so");
});

test("another row of a file that was replaced may have the id of one that was taken", () => {
  promoted();
  expect(rollback({}, { id: 34 })).toBe("taken");
  system.clock.advance(1);
  expect(rollback({}, { id: 34 })).toBe("taken");
});

test("a refused wish is answered in the same breath, under no supervisor", () => {
  expect(deploy("registry.example//me/agent:v2")).toBe("taken");
  expect(rollback({ revision: "worker:dev/" })).toBe("taken");
  expect(journaled(EventType.DeployRejected)[0]).toMatchObject({
    parentId: null,
    payload: { request_id: journaled(EventType.DeployRequested)[0]?.id, reason: expect.stringContaining("no image") },
  });
  expect(journaled(EventType.RollbackRejected)[0]).toMatchObject({
    parentId: null,
    payload: { request_id: journaled(EventType.RollbackRequested)[0]?.id },
  });
});

const refusals = () => journaled(EventType.DeployRejected).map(({ payload }) => payload?.reason);

test("nothing is deployed from the chat while what runs is on probation", () => {
  deploy();
  const image = { revision: "worker:a", image_id: "sha256:a" };
  logEvent(system.journal, null, EventType.DeployStarted, { ...image, request_id: null, reason: "requested" });
  deploy();
  expect(refusals()).toEqual([expect.stringContaining("on probation"), expect.stringContaining("on probation")]);
  promoted();
  deploy();
  expect(refusals()).toHaveLength(2);
  expect(rollback()).toBe("taken");
  expect(journaled(EventType.RollbackRejected)).toEqual([]);
});

test("CHAT_DEPLOYS says which repositories may be deployed from the chat, or that none may", () => {
  promoted();
  deploy("other:b");
  system.chatDeploys = { kind: "of", repositories: ["one", "other"] };
  deploy("other:b");
  deploy("worker:b");
  system.chatDeploys = { kind: "off" };
  deploy("worker:b");
  expect(refusals()).toEqual([
    expect.stringContaining("only worker may be deployed"),
    expect.stringContaining("only one, other may be deployed"),
    expect.stringContaining("are off (CHAT_DEPLOYS)"),
  ]);
});

test("a rollback to a certain image keeps its id; to the previous one it names none", () => {
  rollback({ revision: "worker:a", image_id: "sha256:a" });
  rollback();
  expect(journaled(EventType.RollbackRequested).map(({ payload }) => payload)).toMatchObject([
    { by: "ann", revision: "worker:a", image_id: "sha256:a", from: "chat" },
    { by: "ann", revision: null, from: "chat" },
  ]);
  expect(journaled(EventType.RollbackRequested)[1]?.payload).not.toHaveProperty("image_id");
});

test("thirty wishes of a kind an hour are taken from the chat, and those of operators do not count", () => {
  promoted();
  logEvent(system.journal, null, EventType.DeployRequested, { by: "op", from: "cli", revision: "worker:x" });
  for (let wish = 1; wish <= 30; wish += 1) expect(deploy()).toBe("taken");
  expect(deploy()).toBe("not so");
  expect(rollback()).toBe("taken");
  system.clock.advance(HOUR_MS - 1);
  expect(deploy()).toBe("not so");
  system.clock.advance(1);
  expect(deploy()).toBe("taken");
});

test("a wish of more than a day ago is answered, or no wish any more", () => {
  promoted();
  expect(deploy("worker:b", { timestamp: system.clock.now() - 24 * HOUR_MS - 1 })).toBe("not so");
  expect(deploy("worker:b", { timestamp: system.clock.now() - 24 * HOUR_MS })).toBe("taken");
});

test("only exits that are known can be one message's doing", () => {
  const exits = [system.exit("1.1"), system.exit("1.2")];
  system.ledger.note(exits.map((journalId, n) => ({ journalId, sharedId: 700 + n })));
  const aside = (ids: number[], row: Row = {}) => take(EventType.MessageSetAside, { task_id: 4, exits: ids }, row);
  expect(aside([800, 801])).toBe("not so");
  expect(aside([])).toBe("not so");
  expect(aside([700, 801, 701], { id: 90 })).toBe("taken");
  expect(aside([700], { id: 90 })).toBe("not so");
  expect(journaled(EventType.MessageSetAside)).toMatchObject([{ parentId: null, payload: { task_id: 4, exits } }]);
  for (let more = 2; more <= 10; more += 1) expect(aside([700])).toBe("taken");
  expect(aside([700])).toBe("not so");
  system.clock.advance(HOUR_MS);
  expect(aside([700])).toBe("taken");
});
