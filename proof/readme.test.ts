import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { EventType } from "../shared/event-types.ts";
import { settingsTables } from "./settings-table.ts";

const readme = readFileSync(resolve(import.meta.dirname, "../README.md"), "utf8");

test("the README's tables of settings are the settings", () => {
  const rows = readme.split("\n");
  expect(
    settingsTables()
      .split("\n")
      .filter((row) => !rows.includes(row)),
  ).toEqual([]);
});

test("the README names no event that does not exist", () => {
  const named = readme.match(
    /\b[a-z_]+\.(started|completed|failed|sending|sent|promoted|quarantined|spawned|exited|ready|detected|attempted|requested|rejected|halted)\b/g,
  );
  const known = new Set<string>(Object.values(EventType));
  expect(named?.filter((name) => !known.has(name))).toEqual([]);
});
