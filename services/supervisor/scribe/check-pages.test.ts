import { randomBytes } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { createScribeTasks, type ScribeTasks } from "./scribe-tasks.ts";

let temporary: TemporaryDatabase;
let scribe: ScribeTasks;
beforeEach(() => {
  temporary = temporaryDatabase();
  scribe = createScribeTasks(temporary.db.name);
});
afterEach(() => {
  scribe.close();
  temporary.remove();
});

test("a file whose pages are sound is whole", () => {
  expect(scribe.answer({ kind: "check" })).toEqual({ kind: "whole" });
});

test("a page that only workers read is found broken, and the file is damaged", () => {
  const { db } = temporary;
  const page = Number(db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'inbox'").pluck().get());
  const size = Number(db.pragma("page_size", { simple: true }));
  expect(scribe.answer({ kind: "check" })).toEqual({ kind: "whole" });
  db.pragma("wal_checkpoint(TRUNCATE)");
  const file = openSync(db.name, "r+");
  writeSync(file, randomBytes(size), 0, size, (page - 1) * size);
  closeSync(file);
  scribe.close();
  expect(scribe.answer({ kind: "check" })).toMatchObject({ kind: "unable", trouble: "damaged" });
});
