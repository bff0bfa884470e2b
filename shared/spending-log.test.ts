import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "./event-log.ts";
import { EventType } from "./event-types.ts";
import { spentToday } from "./spending-log.ts";
import { type TemporaryDatabase, temporaryDatabase } from "./temporary-database.ts";

let temporary: TemporaryDatabase;
beforeEach(() => {
  temporary = temporaryDatabase();
});
afterEach(() => temporary.remove());

const beginAttempt = () =>
  logEvent(temporary.db, null, EventType.AgentStarted, {
    chat_id: 1,
    task_id: 1,
    update_id: 1,
    process_id: 1,
    attempt: 1,
  });
const beginTurn = (attempt: number, turn: number, reserved_usd: number) =>
  logEvent(temporary.db, attempt, EventType.TurnStarted, { model: "m", turn, reserved_usd });

test("a turn that was aborted before anybody said what it cost has cost what it reserved", () => {
  const attempt = beginAttempt();
  beginTurn(attempt, 1, 0.5);
  beginTurn(attempt, 2, 0.25);
  expect(spentToday(temporary.db, Date.now())).toMatchObject({ settledUsd: 0.5, reservedUsd: 0.25 });
});

test("what the turns of several attempts reserve at once is held for each", () => {
  beginTurn(beginAttempt(), 1, 0.5);
  beginTurn(beginAttempt(), 1, 0.25);
  expect(spentToday(temporary.db, Date.now())).toMatchObject({ settledUsd: 0, reservedUsd: 0.75 });
});
