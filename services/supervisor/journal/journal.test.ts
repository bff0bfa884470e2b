import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { eventsAfter, logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { beginAbove, openJournal } from "./journal.ts";

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lastgood-journal-"));
  file = join(directory, "journal.db");
});
afterEach(() => rmSync(directory, { recursive: true }));

const asked = { by: "op", from: "cli" } as const;

test("it is made once, keeps its rows, and lets none be changed or taken away", () => {
  const first = openJournal(file);
  logEvent(first, null, EventType.StopRequested, asked);
  first.close();
  const journal = openJournal(file);
  expect(eventsAfter(journal, 0, 10)).toHaveLength(1);
  for (const change of [
    "UPDATE events SET payload = NULL",
    "DELETE FROM events",
    "REPLACE INTO events (id, event_type) VALUES (1, 'x')",
  ])
    expect(() => journal.exec(change)).toThrow("append-only");
  expect(journal.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'room'").pluck().get()).toBe(0);
  journal.close();
});

test("a commit is on the disk when it is done", () => {
  const journal = openJournal(file);
  expect(journal.pragma("synchronous", { simple: true })).toBe(2);
  journal.close();
});

test("ids go on above another file's, and never back", () => {
  const journal = openJournal(file);
  beginAbove(journal, 500);
  expect(logEvent(journal, null, EventType.StopRequested, asked)).toBe(501);
  beginAbove(journal, 100);
  expect(logEvent(journal, null, EventType.StopRequested, asked)).toBe(502);
  journal.close();
});

test("it has room of its own from the beginning, and opening it again makes no more", () => {
  for (const _ of [1, 2]) {
    const journal = openJournal(file);
    expect(statSync(`${file}-wal`).size).toBeGreaterThan(4_000_000);
    expect(statSync(`${file}-wal`).size).toBeLessThan(6 * 1024 * 1024);
    expect(statSync(file).size).toBeLessThan(200_000);
    journal.close();
  }
});

const OVER_A_FULL_DISK = (file: string) => `
  import { openJournal } from ${JSON.stringify(join(import.meta.dirname, "journal.ts"))};
  import { execFileSync } from "node:child_process";
  import { statSync } from "node:fs";
  const journal = openJournal(${JSON.stringify(file)});
  const size = statSync(${JSON.stringify(`${file}-wal`)}).size;
  execFileSync("prlimit", ["--pid", String(process.pid), "--fsize=" + size]);
  const insert = journal.prepare("INSERT INTO events (event_type, payload) VALUES ('stop.requested', ?)");
  for (let n = 0; n < 300; n += 1) insert.run(JSON.stringify({ by: "x".repeat(800), from: "cli" }));
  console.log("done");
  process.kill(process.pid, "SIGKILL");`;

test("where no file can grow any more, a rollback is recorded all the same, and outlives a kill", () => {
  let output = "";
  try {
    execFileSync(process.execPath, ["--input-type=module-typescript", "-e", OVER_A_FULL_DISK(file)], {
      encoding: "utf8",
    });
  } catch (error) {
    output = String((error as { stdout?: unknown }).stdout);
  }
  expect(output).toBe("done\n");
  const journal = openJournal(file);
  expect(eventsAfter(journal, 0, 1000)).toHaveLength(300);
  journal.close();
});
