import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { inTransaction } from "../../shared/database.ts";
import { newestEvent } from "../../shared/event-log.ts";
import { silentLogger } from "../../shared/logging.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../shared/temporary-database.ts";
import { createRecorder } from "./performer.ts";

let temporary: TemporaryDatabase;
beforeEach(() => {
  temporary = temporaryDatabase();
});
afterEach(() => temporary.remove());

test("a line of the log tells of an event that is committed, and of none that was rolled back", () => {
  const lines: unknown[] = [];
  const log = Object.assign(Object.create(silentLogger), { info: (line: object) => lines.push(line) });
  const record = createRecorder(temporary.db, log, 0);
  const recordHalt = () => {
    record("supervisor.halted", { reason: "nothing is left to try" }, null);
    expect(lines).toEqual([]);
  };
  const fails = () => {
    recordHalt();
    throw new Error("a bug");
  };
  expect(() => inTransaction(temporary.db, fails)).toThrow("a bug");
  inTransaction(temporary.db, recordHalt);
  const halt = newestEvent(temporary.db, "supervisor.halted");
  expect(lines).toEqual([{ journal_id: halt?.id, reason: "nothing is left to try" }]);
});

test("what is recorded before there is a supervisor hangs under nothing", () => {
  const record = createRecorder(temporary.db, silentLogger, null);
  record("deploy.rejected", { request_id: 1, revision: "worker:b", reason: "what runs is on probation" });
  expect(newestEvent(temporary.db, "deploy.rejected")).toMatchObject({ parentId: null });
});
