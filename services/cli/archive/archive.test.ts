import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { isPaused, NEWEST_RENEWAL, pairedChat, renewedAfter } from "../../../shared/chat-state.ts";
import { openReadOnly } from "../../../shared/database.ts";
import { logEvent, newestEvents } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { archiveFileOf } from "../../../shared/files.ts";
import { recentHistory } from "../../../shared/history.ts";
import { deriveOffset, firstStartOf, newestEpoch } from "../../../shared/inbox.ts";
import { silentLogger } from "../../../shared/logging.ts";
import { readStory } from "../../../shared/message-story.ts";
import { revisionHistory } from "../../../shared/revision-history.ts";
import { goodRevisions, wantedRevision } from "../../../shared/state.ts";
import { readStatus } from "../../../shared/status.ts";
import { addTotals, archivedTotals, totalsOf } from "../../../shared/totals.ts";
import { readUsage } from "../../../shared/usage.ts";
import { newestWorker } from "../../../shared/worker-state.ts";
import { createSpendingLog } from "../../worker/control/spending-log.ts";
import { ownerChat } from "../../worker/operator/owner-chat.ts";
import { reportOverdue } from "../../worker/overdue.ts";
import { claimNext } from "../../worker/temporary-claims.ts";
import { moveNextSlice } from "./move-slice.ts";
import { BOT, DAY, HOUR, type TemporaryPast, temporaryPast } from "./temporary-past.ts";

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

/** All that is derived from the tables, by each process. */
function derived() {
  const { db } = past;
  const window = { from: NOW - 30 * DAY, to: NOW + DAY };
  const { newestEvent: _, ...status } = readStatus(db, NOW);
  return {
    offset: [newestEpoch(db, BOT), deriveOffset(db, BOT), firstStartOf(db, BOT)],
    revisions: [wantedRevision(db), goodRevisions(db, 5), revisionHistory(db, 20), newestWorker(db)],
    status,
    totals: counted(),
    spent: createSpendingLog(db, past.worker).spentToday(NOW),
    usage: [readUsage(db, "day", window), readUsage(db, "model", window), readUsage(db, "chat", window)],
    chats: [7, 8, 9].map((chatId) => [
      isPaused(db, chatId),
      renewedAfter(db, chatId),
      recentHistory(db, chatId, 12, 0),
    ]),
    renewal: db.prepare(NEWEST_RENEWAL).get({ chatId: 7 }),
    owner: [pairedChat(db), ownerChat(db, { botId: BOT, allowed: { kind: "everyone" }, ownerChat: null })],
    stories: all("SELECT id FROM inbox WHERE status NOT IN ('done', 'ignored')").map((id) => readStory(db, Number(id))),
  };
}

/** What /metrics counts: what is here, and what was. */
function counted() {
  const rows = past.db.prepare(
    "SELECT event_type AS eventType, payload FROM events WHERE event_type <> 'log.archived'",
  );
  const events = (rows.all() as { eventType: string; payload: string | null }[]).map(({ eventType, payload }) => ({
    eventType,
    payload: payload === null ? null : JSON.parse(payload),
  }));
  const { models, ...counts } = addTotals(
    archivedTotals(past.db),
    totalsOf(events, all("SELECT status FROM inbox") as string[]),
  );
  const rounded = ({ cost_usd, ...model }: { cost_usd: number }) => ({ ...model, cost_usd: cost_usd.toFixed(6) });
  return { ...counts, models: Object.fromEntries(Object.entries(models).map(([name, of]) => [name, rounded(of)])) };
}

test("nothing that is derived changes", () => {
  const { db, supervisor, worker } = past;
  const named = { revision: "worker:a", image_id: "sha256:a" };
  logEvent(db, supervisor, EventType.DeployStarted, { ...named, request_id: null, reason: "configured" });
  const spawned = { ...named, pid: 1, instance: "1.1", container_id: "c" };
  logEvent(db, supervisor, EventType.WorkerSpawned, spawned);
  logEvent(db, null, EventType.RevisionPromoted, { ...named, evidence: { ready_seconds: 60, instance: "1.1" } });
  for (let day = 190; day > 0; day -= 1) {
    const status = day % 11 === 0 ? "ignored" : "done";
    past.message({ at: NOW - day * DAY, chatId: 7 + (day % 3), status, failures: day % 4 === 0 ? 1 : 0 });
    if (day === 120) logEvent(db, worker, EventType.ChatRenewed, { chat_id: 7, after_history_id: 100 });
    if (day === 110) logEvent(db, worker, EventType.ChatPaused, { chat_id: 8 });
    if (day === 100) past.message({ at: NOW - day * DAY, status: "failed", failures: 2 });
    if (day === 95) past.message({ at: NOW - day * DAY, status: "queued", failures: 1, chatId: 9 });
  }
  past.message({ at: NOW - HOUR });
  const before = derived();
  expect(archive()).toBeGreaterThan(90);
  expect(derived()).toEqual(before);
  expect(claimNext(db, worker)).toMatchObject({ chatId: 9, text: expect.stringMatching(/question/) });
  reportOverdue({ db, log: silentLogger }, worker, { now: NOW, afterMs: HOUR });
  expect(newestEvents(db, EventType.MessageOverdue, 9)).toHaveLength(1);
});

test.each([
  ["after it is in the archive", "BEFORE INSERT ON events WHEN NEW.event_type = 'log.archived'"],
  ["before the events are deleted", "BEFORE UPDATE ON history"],
  ["after the events are deleted", "BEFORE DELETE ON inbox"],
])("a run that dies %s loses nothing, and the next one doubles nothing", (_when, moment) => {
  const at = NOW - 120 * DAY;
  const ids = [1, 2, 3].map(() => past.message({ at }));
  past.message({ at: NOW });
  const before = derived();
  past.db.exec(`CREATE TRIGGER dies ${moment} BEGIN SELECT RAISE(ABORT, 'died'); END`);
  expect(() => archive()).toThrow("died");
  expect(derived()).toEqual(before);
  expect(inArchive(at, "SELECT id FROM inbox")).toEqual(ids);
  past.db.exec("DROP TRIGGER dies");
  past.db.exec(`UPDATE inbox SET text = NULL WHERE id = ${ids[0]}`); // forgotten in the meantime
  expect(archive()).toBe(3);
  expect(derived()).toEqual(before);
  expect(inArchive(at, "SELECT id FROM inbox")).toEqual(ids);
  expect(inArchive(at, "SELECT text FROM inbox WHERE text IS NULL")).toHaveLength(1);
  expect(inArchive(at, "SELECT count(*) FROM events")).toEqual([3 * 8]);
  expect(archive()).toBe(0);
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
