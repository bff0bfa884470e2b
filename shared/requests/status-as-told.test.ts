import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { tryLock } from "../database.ts";
import { logEvent } from "../event-log.ts";
import { EventType } from "../event-types.ts";
import { readStatus, readStatusWithoutInbox } from "../status.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../temporary-database.ts";
import { statusAsTold } from "./status-as-told.ts";
import { supervisorLockOf, writeSupervisorView } from "./supervisor-view.ts";
import { temporaryRequests } from "./temporary-requests.ts";

const NOW = Date.UTC(2030, 0, 1);

let shared: TemporaryDatabase;
let journal: TemporaryDatabase;
let requests: ReturnType<typeof temporaryRequests>;
beforeEach(() => {
  [shared, journal] = [temporaryDatabase(), temporaryDatabase()];
  requests = temporaryRequests();
  // Written by a worker: the supervisor was asked for nothing.
  logEvent(shared.db, null, EventType.StopRequested, { by: "nobody", from: "cli" });
  shared.db.exec("INSERT INTO inbox (bot_id, update_id, status) VALUES (1, 1, 'queued')");
});
afterEach(() => {
  requests.remove();
  journal.remove();
  shared.remove();
});

const asTold = () => statusAsTold(shared.db, requests.directory, NOW);

function supervisorTells(): void {
  const status = readStatusWithoutInbox(journal.db, NOW);
  const mirror = { behind: 0, problem: null };
  writeSupervisorView(requests.directory, { at: NOW, pid: 7, version: "v", status, mirror });
}

test("what the living supervisor knows of is shown, and messages and events by the log", () => {
  supervisorTells();
  const lock = tryLock(supervisorLockOf(requests.directory));
  expect(asTold()).toMatchObject({
    stopped: false,
    inbox: { queued: 1 },
    newestEvent: { eventType: "stop.requested" },
  });
  lock?.release();
});

test("what a supervisor told that is gone, or none has told, leaves what the log says", () => {
  expect(asTold()).toEqual(readStatus(shared.db, NOW));
  supervisorTells();
  expect(asTold()).toEqual(readStatus(shared.db, NOW));
  expect(asTold().stopped).toBe(true);
});
