import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { AGENT_TREE } from "../../../shared/agent-tree.ts";
import { conversationBefore, isPaused, NEWEST_RENEWAL, pairedChat } from "../../../shared/chat-state.ts";
import type { Database } from "../../../shared/database.ts";
import { openReadOnly } from "../../../shared/database.ts";
import { logEvent, newestEvents } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { fakeExit } from "../../../shared/fake-exit.ts";
import { archiveFileOf } from "../../../shared/files.ts";
import { recentHistory } from "../../../shared/history.ts";
import { deriveOffset, firstStartOf, newestEpoch } from "../../../shared/inbox.ts";
import { silentLogger } from "../../../shared/logging.ts";
import { readStory } from "../../../shared/message-story.ts";
import { revisionHistory } from "../../../shared/revision-history.ts";
import { runningAttempts } from "../../../shared/running-attempts.ts";
import { createSpendingLog } from "../../../shared/spending-log.ts";
import { goodRevisions, isQuarantined, openRollback, pendingRequest, wantedRevision } from "../../../shared/state.ts";
import { readStatus } from "../../../shared/status.ts";
import { readToolUsage } from "../../../shared/tool-usage.ts";
import { addTotals, archivedTotals, totalsOf } from "../../../shared/totals.ts";
import { readUsage } from "../../../shared/usage.ts";
import { newestExit, newestWorker } from "../../../shared/worker-state.ts";
import { incidentSoFar } from "../../supervisor/incident-log.ts";
import { ownerChat } from "../../worker/operator/owner-chat.ts";
import { untoldBudget } from "../../worker/operator/untold-budget.ts";
import { untoldOutcome } from "../../worker/operator/untold-outcome.ts";
import { untoldRollback } from "../../worker/operator/untold-rollback.ts";
import { reportOverdue } from "../../worker/queue/overdue.ts";
import { claimNext } from "../../worker/queue/temporary-claims.ts";
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
const INFRASTRUCTURE = `SELECT * FROM events
    WHERE event_type <> 'log.archived' AND event_type NOT IN (SELECT value FROM json_each(?)) ORDER BY id`;

/** All that is derived from the tables at a moment, by each process. */
function derivedFrom(db: Database, now: number) {
  const window = { from: now - 30 * DAY, to: now + DAY };
  const { newestEvent: _, ...status } = readStatus(db, now);
  return {
    offset: [newestEpoch(db, BOT), deriveOffset(db, BOT), firstStartOf(db, BOT)],
    revisions: [wantedRevision(db), goodRevisions(db, 5), revisionHistory(db, 20), newestWorker(db)],
    incident: [incidentSoFar(db), isQuarantined(db, "sha256:b"), newestExit(db), openRollback(db), pendingRequest(db)],
    // Whatever is derived from these alone: wishes, promotions, who was refused, parked, paired and told.
    infrastructure: db.prepare(INFRASTRUCTURE).all(JSON.stringify(AGENT_TREE)),
    status,
    running: runningAttempts(db),
    untold: [untoldOutcome(db), untoldRollback(db), untoldBudget(db, now)],
    totals: countedIn(db),
    spent: createSpendingLog(db, past.worker).spentToday(now),
    usage: [
      readUsage(db, "day", window),
      readUsage(db, "model", window),
      readUsage(db, "chat", window),
      readToolUsage(db, window.from),
    ],
    chats: [7, 8, 9].map((chatId) => [
      isPaused(db, chatId),
      conversationBefore(db, chatId),
      recentHistory(db, chatId, 12),
    ]),
    renewal: db.prepare(NEWEST_RENEWAL).get({ chatId: 7 }),
    owner: [pairedChat(db), ownerChat(db, { botId: BOT, allowed: { kind: "everyone" }, ownerChat: null })],
    stories: db
      .prepare("SELECT id FROM inbox WHERE status NOT IN ('done', 'ignored')")
      .pluck()
      .all()
      .map((id) => readStory(db, Number(id))),
  };
}

/** What /metrics counts: what is here, and what was. */
function countedIn(db: Database) {
  const rows = db.prepare("SELECT event_type AS eventType, payload FROM events WHERE event_type <> 'log.archived'");
  const events = (rows.all() as { eventType: string; payload: string | null }[]).map(({ eventType, payload }) => ({
    eventType,
    payload: payload === null ? null : JSON.parse(payload),
  }));
  const { models, ...counts } = addTotals(
    archivedTotals(db),
    totalsOf(events, db.prepare("SELECT status FROM inbox").pluck().all() as string[]),
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
  const bad = { revision: "worker:b", image_id: "sha256:b" };
  logEvent(db, supervisor, EventType.DeployStarted, { ...bad, request_id: null, reason: "configured" });
  logEvent(db, supervisor, EventType.WorkerSpawned, { ...spawned, ...bad, instance: "1.2" });
  logEvent(db, supervisor, EventType.WorkerExited, fakeExit({ ...bad, instance: "1.2" }));
  logEvent(db, supervisor, EventType.RevisionQuarantined, { ...bad, reason: "it crashed" });
  for (let day = 190; day > 0; day -= 1) {
    const status = day % 11 === 0 ? "ignored" : "done";
    past.message({ at: NOW - day * DAY, chatId: 7 + (day % 3), status, failures: day % 4 === 0 ? 1 : 0 });
    if (day === 120) logEvent(db, worker, EventType.ChatRenewed, { chat_id: 7, after_history_id: 100 });
    if (day === 110) logEvent(db, worker, EventType.ChatPaused, { chat_id: 8 });
    if (day === 100) past.message({ at: NOW - day * DAY, status: "failed", failures: 2 });
    if (day === 95) past.message({ at: NOW - day * DAY, status: "queued", failures: 1, chatId: 9 });
  }
  past.message({ at: NOW - HOUR });
  const before = derivedFrom(past.db, NOW);
  expect(archive()).toBeGreaterThan(90);
  expect(derivedFrom(past.db, NOW)).toEqual(before);
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
  const before = derivedFrom(past.db, NOW);
  past.db.exec(`CREATE TRIGGER dies ${moment} BEGIN SELECT RAISE(ABORT, 'died'); END`);
  expect(() => archive()).toThrow("died");
  expect(derivedFrom(past.db, NOW)).toEqual(before);
  expect(inArchive(at, "SELECT id FROM inbox")).toEqual(ids);
  past.db.exec("DROP TRIGGER dies");
  past.db.exec(`UPDATE inbox SET text = NULL WHERE id = ${ids[0]}`); // forgotten in the meantime
  expect(archive()).toBe(3);
  expect(derivedFrom(past.db, NOW)).toEqual(before);
  expect(inArchive(at, "SELECT id FROM inbox")).toEqual(ids);
  expect(inArchive(at, "SELECT text FROM inbox WHERE text IS NULL")).toHaveLength(1);
  expect(inArchive(at, "SELECT count(*) FROM events")).toEqual([3 * 8]);
  expect(archive()).toBe(0);
});
