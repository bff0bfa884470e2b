import { renameSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent, newestEventId } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../shared/temporary-database.ts";
import { createStateReader, readLog, type StateReader } from "./state-reader.ts";

let old: TemporaryDatabase;
let next: TemporaryDatabase;
let file: string;
let state: StateReader;
beforeEach(() => {
  [old, next] = [temporaryDatabase(), temporaryDatabase()];
  file = old.db.name;
  state = createStateReader(file);
});
afterEach(() => {
  state.close();
  old.remove();
  next.remove();
});

const hold = ({ db }: TemporaryDatabase) =>
  logEvent(db, null, EventType.HoldRequested, { by: "node@server", from: "cli" });
const newest = () => readLog(state, newestEventId);
const setAside = () => {
  for (const part of ["", "-wal", "-shm"]) renameSync(file + part, `${file}.away${part}`);
};

test("a log that stays where it is is opened once", () => {
  hold(old);
  const { kind, ...first } = state.open();
  hold(old);
  expect([kind, newest(), state.open()]).toEqual(["open", { kind: "read", value: 2 }, { kind, ...first }]);
});

test("a log that was set aside is not read any more, and the one that takes its place is", () => {
  hold(old);
  expect(newest()).toEqual({ kind: "read", value: 1 });
  setAside();
  expect(newest()).toMatchObject({ kind: "unreadable", why: expect.stringContaining("There is no database") });
  for (let count = 0; count < 3; count++) hold(next);
  for (const part of ["", "-wal", "-shm"]) renameSync(next.db.name + part, file + part);
  expect(newest()).toEqual({ kind: "read", value: 3 });
});

test("a link to the log that was set aside is refused", () => {
  hold(old);
  expect(newest()).toMatchObject({ kind: "read" });
  setAside();
  symlinkSync(`${file}.away`, file);
  expect(newest()).toMatchObject({ kind: "unreadable", why: expect.stringContaining("a symbolic link") });
});
