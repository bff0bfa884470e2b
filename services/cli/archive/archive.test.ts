import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { openReadOnly } from "../../../shared/database.ts";
import { archiveFileOf } from "../../../shared/files.ts";
import { recentHistory } from "../../../shared/history.ts";
import { moveNextSlice } from "./move-slice.ts";
import { DAY, HOUR, type TemporaryPast, temporaryPast } from "./temporary-past.ts";

const NOW = Date.UTC(2030, 5, 15, 12);
const BEFORE = NOW - 90 * DAY;

let past: TemporaryPast;
beforeEach(() => {
  past = temporaryPast(NOW - 200 * DAY);
});
afterEach(() => past.remove());

/** Moves all that may leave, and returns how many messages that were. */
function archive(before = BEFORE): number {
  const mover = { db: past.db, stateDir: past.directory, before, by: "op" };
  let messages = 0;
  for (let moved = moveNextSlice(mover, 0); moved; moved = moveNextSlice(mover, moved.lastId))
    messages += moved.messages;
  return messages;
}

const inArchive = (endedAt: number, query: string) => {
  const archived = openReadOnly(join(past.directory, archiveFileOf(endedAt)));
  const values = archived.prepare(query).pluck().all();
  archived.close();
  return values;
};
const all = (query: string) => past.db.prepare(query).pluck().all();
const isThere = (id: number) => all(`SELECT id FROM inbox WHERE id = ${id}`).length === 1;

test("a message that ended long ago moves whole, to the month in which it ended", () => {
  const ids = [-1, 0].map((month) => past.message({ at: Date.UTC(2030, 1 + month, 10), failures: 1 }));
  past.message({ at: NOW });
  const eventsBefore = Number(all("SELECT count(*) FROM events")[0]);
  expect(archive()).toBe(2);
  const [january, february] = [0, 1].map((month) => Date.UTC(2030, month));
  const types = "SELECT event_type FROM events ORDER BY id";
  const oneMessage = ["agent.started", "turn.started", "turn.failed", "agent.failed", "agent.started", "turn.started"];
  const itsAnswer = ["tool_call.started", "tool_call.failed", "turn.completed", "reply.sending", "reply.sent"];
  for (const [at, month] of [january, february].entries()) {
    expect(inArchive(month ?? 0, types)).toEqual([...oneMessage, ...itsAnswer, "agent.completed"]);
    expect(inArchive(month ?? 0, "SELECT id FROM inbox")).toEqual([ids[at]]);
  }
  expect(ids.map(isThere)).toEqual([false, false]);
  expect(all("SELECT count(*) FROM events")).toEqual([eventsBefore - 2 * 12 + 2]); // and a log.archived for each month
});

test("history keeps what was said, and what the model is shown does not change", () => {
  past.message({ at: NOW - 120 * DAY });
  past.message({ at: NOW });
  const shown = recentHistory(past.db, 7, 12);
  archive();
  expect(recentHistory(past.db, 7, 12)).toEqual(shown);
  expect(all("SELECT count(*) FROM history WHERE inbox_id IS NULL")).toEqual([3]);
});

test("what is young, open, or can be tried again stays, and so does the tree of infrastructure", () => {
  const old = { at: NOW - 120 * DAY };
  const gone = past.message(old);
  const staying = ["queued", "failed", "set_aside"].map((status) => past.message({ ...old, status, failures: 1 }));
  const open = past.message(old);
  past.db.exec(`INSERT INTO events (event_type, payload) VALUES ('agent.started', '{"task_id": ${open}}')`);
  const foreign = past.message(old);
  past.db.exec(
    `INSERT INTO events (parent_id, event_type) SELECT max(id), 'agent.dreamt' FROM events WHERE event_type = 'agent.started'`,
  );
  const young = past.message({ at: BEFORE });
  past.message({ at: NOW });
  const infrastructure = all("SELECT id FROM events WHERE event_type = 'process.started'");
  expect(archive()).toBe(1);
  expect(isThere(gone)).toBe(false);
  expect([...staying, open, foreign, young].map(isThere)).toEqual([true, true, true, true, true, true]);
  expect(all("SELECT id FROM events WHERE event_type = 'process.started'")).toEqual(infrastructure);
  expect(past.db.pragma("foreign_key_check")).toEqual([]);
});

test("the newest update of each epoch stays, and the newest that was done: offset and owner's chat are derived from them", () => {
  past.message({ at: NOW - 180 * DAY });
  const ofFirstEpoch = past.message({ at: NOW - 170 * DAY, status: "ignored" });
  const answeredLast = past.message({ at: NOW - 160 * DAY, epoch: 1, chatId: 8 });
  past.message({ at: NOW - 150 * DAY, epoch: 1, status: "ignored" });
  const newest = past.message({ at: NOW - 140 * DAY, epoch: 1, status: "ignored" });
  expect(archive()).toBe(2);
  expect(all("SELECT id FROM inbox ORDER BY id")).toEqual([ofFirstEpoch, answeredLast, newest]);
});

test("a text that is erased between its copy and its leaving is not kept by the copy", () => {
  const at = NOW - 120 * DAY;
  past.message({ at });
  past.message({ at: NOW });
  const mover = {
    db: past.db,
    stateDir: past.directory,
    before: BEFORE,
    get by() {
      past.db.exec("UPDATE inbox SET text = NULL"); // it is asked for when the copy is there
      return "op";
    },
  };
  expect(moveNextSlice(mover, 0)).toMatchObject({ messages: 0, lastId: 0 });
  expect(moveNextSlice(mover, 0)).toMatchObject({ messages: 1 });
  expect(inArchive(at, "SELECT text FROM inbox")).toEqual([null]);
});

test("an archive that holds something else under the same ids takes nothing, and nothing leaves", () => {
  const at = NOW - 120 * DAY;
  past.message({ at });
  past.message({ at: NOW });
  archive();
  const [first] = inArchive(at, "SELECT min(id) FROM events");
  const again = temporaryPast(NOW - 200 * DAY); // another database, whose ids begin anew
  again.message({ at: at + HOUR, chatId: 9 });
  again.message({ at: NOW });
  const mover = { db: again.db, stateDir: past.directory, before: BEFORE, by: "op" };
  expect(() => moveNextSlice(mover, 0)).toThrow(/holds other rows under the same ids.*move it away/);
  expect(again.db.prepare("SELECT id FROM events WHERE id = ?").pluck().get(first)).toBe(first);
  expect(inArchive(at, "SELECT DISTINCT chat_id FROM inbox")).toEqual([7]);
  again.remove();
});
