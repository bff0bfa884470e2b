import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { inTransaction } from "../../../shared/database.ts";
import { eventsAfter, type LoggedEvent, logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import type { Death } from "../scribe/fake-scribe.ts";
import { createMirror } from "./mirror.ts";
import { type TemporaryJournal, temporaryJournal } from "./temporary-journal.ts";

let system: TemporaryJournal;
beforeEach(() => {
  system = temporaryJournal();
  system.sharedFile();
});
afterEach(() => system.remove());

/** A log as a supervisor writes it, in which many rows name others. */
function recordRows(rounds: number): void {
  inTransaction(system.journal, () => {
    for (let round = 0; round < rounds; round += 1) recordRound(round);
  });
}

function recordRound(round: number): void {
  const { journal } = system;
  const supervisor = logEvent(journal, null, EventType.ProcessStarted, { role: "supervisor", pid: 1, version: "v" });
  const request = logEvent(journal, null, EventType.DeployRequested, {
    ...{ by: "op", from: "cli", revision: `worker:${round}`, spool_id: `spool-${round}` },
  });
  const image = { revision: `worker:${round}`, image_id: `sha256:${round}` };
  logEvent(journal, supervisor, EventType.DeployStarted, { ...image, request_id: request, reason: "requested" });
  system.spawn(supervisor, `${supervisor}.1`);
  const exits = [system.exit(`${supervisor}.1`), system.exit(`${supervisor}.1`)];
  const loop = { threshold: 3, window_seconds: 60, revision: "worker:a", exits };
  const detected = logEvent(journal, supervisor, EventType.CrashLoopDetected, loop);
  logEvent(journal, supervisor, EventType.AlertSent, { about: detected });
  const replaced = { ...image, request_id: request, reason: "another one took its place", replaced_by: null };
  logEvent(journal, supervisor, EventType.DeployFailed, replaced);
  system.clock.advance(1000);
}

const rowsOf = (kind: "journal" | "shared"): LoggedEvent[] =>
  eventsAfter(kind === "journal" ? system.journal : system.connect(), 0, 20_000);

/** What is in the shared file, in the words of the journal: each id by the place of the row that it names. */
function inPlaces(rows: readonly LoggedEvent[]) {
  const places = new Map(rows.map(({ id }, place) => [id, place]));
  const placed = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(placed) : typeof value === "number" ? `row ${places.get(value)}` : value;
  return rows.map(({ timestamp, parentId, eventType, payload }) => {
    const { request_id, exits, about, spool_id, ...rest } = payload ?? {};
    return { timestamp, eventType, parent: placed(parentId), ids: [request_id, exits, about].map(placed), rest };
  });
}

const expectMirrored = () => expect(inPlaces(rowsOf("shared"))).toEqual(inPlaces(rowsOf("journal")));

async function mirrorAll(): Promise<void> {
  const mirror = createMirror(system.ports());
  for (let tries = 0; (await mirror.advance()).kind !== "all"; tries += 1) if (tries > 50) throw new Error("no end");
}

test("a thousand rows arrive in their order, once, with their times, and with every id in them translated", async () => {
  logEvent(system.connect(), null, EventType.ChatPaused, { chat_id: 7 }); // so that no id is the same
  recordRows(112);
  await mirrorAll();
  const [first, ...rest] = rowsOf("shared");
  expect(first?.eventType).toBe("chat.paused");
  expect(inPlaces(rest)).toEqual(inPlaces(rowsOf("journal")));
  expect(rest).toHaveLength(1008);
});

test("what is of the journal alone stays there", async () => {
  recordRows(1);
  await mirrorAll();
  expect(JSON.stringify(rowsOf("shared"))).not.toContain("spool");
});

test.each<Death>(["before", "after"])("a scribe that dies %s each append: every row arrives once", async (death) => {
  recordRows(2);
  for (let dies = 0; dies < 12; dies += 1) {
    let appends = 0;
    system.scribe.deathOver = () => (appends++ === dies ? death : null);
    await mirrorAll();
    expectMirrored();
    system.scribe.close();
    system.removeFile(system.files.shared);
    system.sharedFile();
    system.ledger.forgetAfter(0);
  }
});

test.each<Death>(["before", "after"])(
  "a supervisor that ends as its scribe dies %s an append: the next one goes on",
  async (death) => {
    recordRows(2);
    for (let lives = 0; lives < 20; lives += 1) {
      system.scribe.deathOver = () => (lives % 2 === 0 ? death : null);
      await createMirror(system.ports()).advance();
      system.reopen();
    }
    await mirrorAll();
    expectMirrored();
  },
);

test("a ledger that was lost, or is of before a power cut, is made up for from what the rows say", async () => {
  recordRows(2);
  await mirrorAll();
  const older = `${system.files.ledger}.older`;
  system.reopen(() => system.copy(system.files.ledger, older));
  recordRows(3);
  await mirrorAll();
  system.reopen(() => {
    system.removeFile(system.files.ledger);
    system.copy(older, system.files.ledger);
  });
  recordRows(1);
  await mirrorAll();
  expectMirrored();
  system.reopen(() => system.removeFile(system.files.ledger));
  await mirrorAll();
  expectMirrored();
});

test("a row like ours that somebody forged is taken for it, says the same, and keeps nothing back", async () => {
  recordRows(1);
  const [first] = rowsOf("journal");
  const forged = "INSERT INTO events (timestamp, event_type, payload) VALUES (?, ?, ?)";
  system.connect().prepare(forged).run(first?.timestamp, first?.eventType, JSON.stringify(first?.payload));
  await mirrorAll();
  expectMirrored();
});

test("a file that was replaced gets all rows again, under ids of its own", async () => {
  recordRows(2);
  await mirrorAll();
  system.scribe.close();
  system.removeFile(system.files.shared);
  logEvent(system.sharedFile(), null, EventType.ChatPaused, { chat_id: 7 });
  const mirror = createMirror(system.ports());
  mirror.doubt(0);
  expect(mirror.behind()).toBe(18);
  expect(mirror.isCertain()).toBe(false);
  await mirror.advance();
  expect(mirror.isCertain()).toBe(true);
  expect(inPlaces(rowsOf("shared").slice(1))).toEqual(inPlaces(rowsOf("journal")));
});

test("what a worker said is the row that it wrote; in a file that has it no more it is written with the worker's time", async () => {
  const db = system.connect();
  const said = logEvent(db, null, EventType.WorkerReady, { poll_ms: 1 });
  const at = rowsOf("shared")[0]?.timestamp ?? 0;
  system.clock.advance(500);
  logEvent(system.journal, null, EventType.WorkerReady, { poll_ms: 1, claim: { id: said, at } });
  await mirrorAll();
  expect(system.ledger.sharedIdOf(1)).toBe(said);
  expect(rowsOf("shared")).toHaveLength(1);

  system.scribe.close();
  system.removeFile(system.files.shared);
  system.sharedFile();
  logEvent(system.connect(), null, EventType.ChatPaused, { chat_id: 7 });
  system.ledger.forgetAfter(0);
  await mirrorAll();
  expect(rowsOf("shared")[1]).toMatchObject({ timestamp: at, eventType: "worker.ready", payload: { poll_ms: 1 } });
  expect(system.ledger.sharedIdOf(1)).toBe(2);
});

test("while the file is locked nothing arrives, it is said, and it goes on afterwards", async () => {
  recordRows(1);
  const locker = system.connect();
  locker.exec("BEGIN IMMEDIATE");
  const mirror = createMirror(system.ports());
  expect(await mirror.advance()).toMatchObject({ kind: "unable", trouble: "locked" });
  expect(mirror.behind()).toBe(9);
  locker.exec("ROLLBACK");
  expect(await mirror.advance()).toEqual({ kind: "all" });
  expect(mirror.behind()).toBe(0);
  expectMirrored();
});

test("an answer about fewer rows than were sent is none, and notes nothing", async () => {
  recordRows(1);
  const scribe = { ask: async () => ({ kind: "appended", ids: [] }) as never };
  const mirror = createMirror({ ...system.ports(), scribe });
  expect(await mirror.advance()).toEqual({ kind: "silent" });
  expect(system.ledger.mirroredTo()).toBe(0);
});

test("ids that were left out are no rows that the file lacks", async () => {
  recordRows(1);
  await mirrorAll();
  system.journal.prepare("UPDATE sqlite_sequence SET seq = 5000").run();
  recordRows(1);
  expect(createMirror(system.ports()).behind()).toBe(9);
});

test("rows that only this supervisor has sent, and that arrived, are not looked for in vain", async () => {
  const mirror = createMirror(system.ports());
  recordRows(1);
  await mirror.advance();
  const sent = system.scribe.asked.flatMap((question) => (question.kind === "append" ? question.rows : []));
  expect(sent.map(({ uncertain }) => uncertain)).toEqual(Array(9).fill(false));
});
