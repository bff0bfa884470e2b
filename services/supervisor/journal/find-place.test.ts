import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { inTransaction } from "../../../shared/database.ts";
import { eventsAfter, logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { anchorOf, findPlace } from "./find-place.ts";
import { createMirror, type Mirror } from "./mirror.ts";
import { type TemporaryJournal, temporaryJournal } from "./temporary-journal.ts";

let system: TemporaryJournal;
let mirror: Mirror;
beforeEach(async () => {
  system = temporaryJournal();
  logEvent(system.sharedFile(), null, EventType.ChatPaused, { chat_id: 7 });
  inTransaction(system.journal, () => {
    for (let n = 0; n < 450; n += 1)
      logEvent(system.journal, null, EventType.StopRequested, { by: `${n}`, from: "cli" });
  });
  mirror = createMirror(system.ports());
  await mirror.advance();
});
afterEach(() => system.remove());

const find = () => findPlace(system.ports(), mirror);
/** As a backup from before has it: all after a row are gone. */
function cutAfter(sharedId: number): void {
  const db = system.connect();
  db.exec(`DROP TRIGGER events_refuse_delete; DELETE FROM events WHERE id > ${sharedId}`);
  db.exec(`UPDATE sqlite_sequence SET seq = ${sharedId} WHERE name = 'events'`);
}

test("where nothing is missing nothing changes, after one row was asked about", async () => {
  system.scribe.asked.length = 0;
  expect(await find()).toBeNull();
  expect(mirror.behind()).toBe(0);
  expect(system.scribe.asked).toMatchObject([{ kind: "find", anchors: [{ id: 451 }] }]);
});

test.each([450, 449, 300, 251, 250, 249, 51, 50, 2])(
  "the newest row that is still there is found: %i",
  async (last) => {
    cutAfter(last);
    expect(await find()).toBe(last);
    expect(mirror.behind()).toBe(451 - last);
    await mirror.advance();
    const rows = eventsAfter(system.connect(), 1, 1000);
    expect(rows.map(({ payload }) => payload?.by)).toEqual(Array.from({ length: 450 }, (_, n) => `${n}`));
  },
);

test("where none of ours is left, all are written again", async () => {
  cutAfter(1);
  expect(await find()).toBe(0);
  expect(mirror.behind()).toBe(450);
});

test("while nothing is heard nothing changes", async () => {
  cutAfter(50);
  system.scribe.deathOver = () => "before";
  expect(await find()).toBeNull();
  expect(mirror.behind()).toBe(0);
});

test("before the first row was written there is no place to look for", async () => {
  system.ledger.forgetAfter(0);
  system.scribe.asked.length = 0;
  expect(await find()).toBeNull();
  expect(system.scribe.asked).toEqual([]);
});

test("what a worker said is known again by the worker's own time", () => {
  const claim = { id: 9, at: 1234 };
  const journalId = logEvent(system.journal, null, EventType.WorkerReady, { poll_ms: 1, claim });
  expect(anchorOf(system.journal, { journalId, sharedId: 9 })).toEqual({
    ...{ id: 9, timestamp: 1234, eventType: "worker.ready" },
  });
  expect(anchorOf(system.journal, { journalId: 1, sharedId: 2 })).toEqual({
    ...{ id: 2, timestamp: system.clock.now(), eventType: "stop.requested" },
  });
});
