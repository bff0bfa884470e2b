import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { fakeExit } from "../../../shared/fake-exit.ts";
import { lifeOfSupervisor } from "../backup/temporary-supervisor.ts";
import { moveNextSlice } from "./move-slice.ts";
import { DAY, type TemporaryPast, temporaryPast } from "./temporary-past.ts";

const NOW = Date.UTC(2030, 5, 15, 12);

let past: TemporaryPast;
beforeEach(() => {
  past = temporaryPast(NOW - 200 * DAY);
});
afterEach(() => past.remove());

const count = (type: string) =>
  past.db.prepare("SELECT count(*) FROM events WHERE event_type = ?").pluck().get(type) as number;

test("the mirror goes on where it was, also when the newest row that it knows has left into an archive", async () => {
  const { db } = past;
  const ownDir = join(past.directory, "own");
  mkdirSync(ownDir);
  const task = past.message({ at: NOW - 120 * DAY });
  const attempt = "SELECT id FROM events WHERE event_type = 'agent.started' AND payload ->> '$.task_id' = ?";
  await lifeOfSupervisor({ stateDir: past.directory, ownDir }, async (journal, turn) => {
    logEvent(journal, null, EventType.WorkerExited, fakeExit());
    await turn();
    const exit = Number(db.prepare("SELECT max(id) FROM events WHERE event_type = 'worker.exited'").pluck().get());
    const setAside = { task_id: task, exits: [exit] };
    logEvent(db, Number(db.prepare(attempt).pluck().get(task)), EventType.MessageSetAside, setAside as never);
    await turn();
    const taken = journal.prepare("SELECT event_type FROM events ORDER BY id DESC LIMIT 1").pluck();
    expect(taken.get()).toBe(EventType.MessageSetAside);

    past.message({ at: NOW });
    const mover = { db, stateDir: past.directory, before: NOW - 90 * DAY, by: "op" };
    expect(moveNextSlice(mover, 0)).toMatchObject({ messages: 1 });
    expect(count(EventType.MessageSetAside)).toBe(0);
    await turn();
    logEvent(journal, null, EventType.SupervisorHalted, { reason: "none left" });
    await turn();
  });
  await lifeOfSupervisor({ stateDir: past.directory, ownDir }, () => {});
  const types = [EventType.MessageSetAside, EventType.WorkerExited, EventType.SupervisorHalted];
  expect(types.map(count)).toEqual([0, 1, 1]);
});
