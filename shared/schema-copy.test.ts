import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { openReadOnly } from "./database.ts";
import { requireSchema } from "./schema.ts";
import { schemaCopy } from "./schema-copy.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lastgood-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

test("a copy of the schema has the schema that a worker needs, no row, and is read without a file beside it", () => {
  const file = join(directory, "lastgood.db");
  writeFileSync(file, schemaCopy());
  const db = openReadOnly(file);
  requireSchema(db);
  expect(db.pragma("journal_mode", { simple: true })).toBe("delete");
  for (const table of ["events", "inbox", "history"]) {
    expect(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()).toBe(0);
  }
  expect(db.pragma("integrity_check", { simple: true })).toBe("ok");
  expect(readdirSync(directory)).toEqual(["lastgood.db"]);
  db.close();
});
