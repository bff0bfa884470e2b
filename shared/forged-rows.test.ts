import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { eventById, lastEvents, logEvent, newestEvent, newestEventId, newestEvents } from "./event-log.ts";
import { EventType } from "./event-types.ts";
import { knownEvent } from "./known-event.ts";
import { messageOfEvent } from "./message-reference.ts";
import { goodRevisions } from "./state.ts";
import { type TemporaryDatabase, temporaryDatabase } from "./temporary-database.ts";

/** Rows that somebody wrote into the log who is none of ours. */

let temporary: TemporaryDatabase;
beforeEach(() => {
  temporary = temporaryDatabase();
});
afterEach(() => temporary.remove());

const forge = (type: string, payload: string | null) =>
  Number(
    temporary.db.prepare("INSERT INTO events (event_type, payload) VALUES (?, ?)").run(type, payload).lastInsertRowid,
  );

const FORGED = [
  null,
  "{chat_id:1}",
  "{}",
  '{"revision":1,"image_id":"i","reason":"r"}',
  `{"a":"${"x".repeat(300_000)}"}`,
];

const quarantine = (revision: string) =>
  logEvent(temporary.db, null, EventType.RevisionQuarantined, { revision, image_id: "i", reason: "crash loop" });

test("the newest of a type are those that are of that type, however many are not", () => {
  const ids = ["a", "b", "c"].map((revision) => {
    const id = quarantine(revision);
    for (const payload of FORGED) forge("revision.quarantined", payload);
    return id;
  });
  const { db } = temporary;
  expect(newestEvent(db, EventType.RevisionQuarantined)?.payload.revision).toBe("c");
  expect(newestEvents(db, EventType.RevisionQuarantined, 2).map(({ id }) => id)).toEqual([ids[2], ids[1]]);
  expect(newestEvents(db, EventType.RevisionQuarantined, 9).map(({ id }) => id)).toEqual([ids[2], ids[1], ids[0]]);
  expect(newestEvents(db, EventType.RevisionQuarantined, 9, ids[1]).map(({ id }) => id)).toEqual([ids[2], ids[1]]);
});

test("what cannot be read is shown as that, and is about nothing", () => {
  const shown = FORGED.map((payload) => eventById(temporary.db, forge("revision.quarantined", payload)));
  expect(shown.map((event) => event?.payload)).toEqual([
    null,
    { unreadable: true },
    {},
    { revision: 1, image_id: "i", reason: "r" },
    { unreadable: true },
  ]);
  for (const event of shown) expect(event && knownEvent(event).eventType).toBe("");
  const good = eventById(temporary.db, quarantine("a"));
  expect(good && knownEvent(good)).toBe(good);
});

test("an id that JavaScript cannot tell apart is not read, and hides nothing", () => {
  const id = quarantine("a");
  const { db } = temporary;
  for (const huge of [2n ** 53n, 2n ** 63n - 1n]) {
    db.prepare("INSERT INTO events (id, event_type) VALUES (?, 'revision.quarantined')").run(huge);
  }
  expect([newestEventId(db), lastEvents(db, 9).map((event) => event.id)]).toEqual([id, [id]]);
  expect(newestEvent(db, EventType.RevisionQuarantined)?.id).toBe(id);
});

test("parents that lead in a circle lead nowhere", () => {
  const { db } = temporary;
  db.pragma("foreign_keys = OFF");
  const insert = db.prepare("INSERT INTO events (id, parent_id, event_type) VALUES (?, ?, 'turn.started')");
  for (const [id, parent] of [
    [1, 2],
    [2, 1],
    [3, 3],
  ])
    insert.run(id, parent);
  expect([1, 2, 3].map((id) => messageOfEvent(db, id))).toEqual([null, null, null]);
});

test("a promotion of nothing is none, and does not stand before a real one", () => {
  const { db } = temporary;
  const evidence = { ready_seconds: 60, instance: "1.1" };
  logEvent(db, null, EventType.RevisionPromoted, { revision: "worker:a", image_id: "sha256:a", evidence });
  for (const payload of FORGED.slice(0, 4)) forge("revision.promoted", payload);
  expect(goodRevisions(db, 1)).toEqual([{ revision: "worker:a", imageId: "sha256:a" }]);
});
