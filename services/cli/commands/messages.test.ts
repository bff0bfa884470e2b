import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { lastEvents } from "../../../shared/event-log.ts";
import { archivesIn } from "../../../shared/files.ts";
import { moveNextSlice } from "../archive/move-slice.ts";
import { DAY, HOUR, type TemporaryPast, temporaryPast } from "../archive/temporary-past.ts";

/** The commands about single messages, as real processes over a real file. */

const PROGRAM = resolve(import.meta.dirname, "../main.ts");

let past: TemporaryPast;
beforeEach(() => {
  past = temporaryPast(Date.now() - 100 * HOUR);
});
afterEach(() => past.remove());

const execute = (program: string, args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((ended) => {
    const env = { PATH: process.env.PATH, STATE_DIR: past.directory, REQUESTS_DIR: join(past.directory, "requests") };
    execFile(program, args, { env }, (error, stdout, stderr) =>
      ended({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
const lastgood = (...args: readonly string[]) => execute(process.execPath, [PROGRAM, ...args]);
const rows = (columns: string) => past.db.prepare(`SELECT ${columns} FROM inbox ORDER BY id`).raw().all();
const attemptsAt = (id: number) =>
  past.db
    .prepare("SELECT id FROM events WHERE event_type = 'agent.started' AND payload ->> '$.task_id' = ? ORDER BY id")
    .pluck()
    .all(id) as number[];

test("a message is found by its number, by a reference, and by any event of it", async () => {
  const message = past.message({ at: Date.now() - HOUR, failures: 1 });
  const [first, second = 0] = attemptsAt(message);
  for (const args of [[String(message)], [String(second)], [String(second + 2)], ["--event", String(first)]]) {
    const { code, stdout } = await lastgood("why", ...args);
    expect([code, stdout.split("\n").length, stdout]).toEqual([
      0,
      11,
      expect.stringMatching(
        new RegExp(`^Message ${message}: done\\n.*Attempts: 2 \\(reference ${second}\\)\\nTurns: 1, 1 failed`, "s"),
      ),
    ]);
  }
});

test("a number that means two messages is told, and can be said to be an event's", async () => {
  const first = past.message({ at: Date.now() - HOUR });
  const [reference = 0] = attemptsAt(first);
  for (let id = first + 1; id <= reference; id += 1) past.message({ at: Date.now(), status: "ignored" });
  const byNumber = await lastgood("why", String(reference));
  expect(byNumber.stdout).toMatch(`Message ${reference}: ignored\n`);
  expect(byNumber.stderr).toBe(`event ${reference} is of message ${first}: add --event for that one\n`);
  expect((await lastgood("why", String(reference), "--event")).stdout).toMatch(`Message ${first}: done\n`);
  expect(await lastgood("trace", "999")).toEqual({
    code: 1,
    stdout: "",
    stderr: "there is no message 999, and no event 999 of one, here or in an archive\n",
  });
});

test("a message that was archived is told as before, and where it was read from", async () => {
  const message = past.message({ at: Date.now() - 60 * HOUR, failures: 1 });
  past.message({ at: Date.now() });
  const [first = 0, second = 0] = attemptsAt(message);
  const asked = [
    ["why", String(message)],
    ["why", "--event", String(second)],
    ["trace", String(message)],
    ["tree", "--id", String(first)],
  ];
  const before = await Promise.all(asked.map((args) => lastgood(...args)));
  moveNextSlice({ db: past.db, stateDir: past.directory, before: Date.now() - 40 * HOUR, by: "op" }, 0);
  const [archive = ""] = archivesIn(past.directory);
  for (const [at, args] of asked.entries()) {
    const { stdout, stderr } = await lastgood(...args);
    expect(stdout.replace(`Read from ${archive}\n`, "")).toBe(before[at]?.stdout);
    expect(stdout + stderr).toMatch(new RegExp(`^read from ${archive}$`, "im"));
  }
  for (const command of ["why", "trace"]) {
    expect(JSON.parse((await lastgood(command, String(message), "--json")).stdout)).toMatchObject({ archive });
  }
  expect((await lastgood("events", "--since", "0")).stderr).toBe(`not listed: what was moved to ${archive}\n`);
  for (const args of [
    ["--type", "worker."],
    ["--since", String(second + 10)],
    ["-n", "1"],
  ])
    expect((await lastgood("events", ...args)).stderr).not.toMatch(/archive/);
});

test("an archive that cannot be read is told, and the others are read", async () => {
  for (const days of [40, 1]) past.message({ at: Date.now() - 90 * HOUR - days * DAY });
  past.message({ at: Date.now() });
  moveNextSlice({ db: past.db, stateDir: past.directory, before: Date.now() - 80 * HOUR, by: "op" }, 0);
  writeFileSync(join(past.directory, "archive-2001-01.db"), "no database, however long it is: ".repeat(10));
  const { code, stdout, stderr } = await lastgood("why", "1");
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^Message 1: done\n/)]);
  expect(stderr).toMatch(/^\S+archive-2001-01\.db cannot be opened \(SQLITE_NOTADB\)\..*\n$/);
});

test("a trace shows each attempt, and what it was busy with and when", async () => {
  const message = past.message({ at: Date.UTC(2030, 0, 1), failures: 1 });
  const [first = 0, second = 0] = attemptsAt(message);
  const full = "█".repeat(30);
  const { stdout } = await lastgood("trace", String(message));
  expect(stdout.split("\n").map((line) => line.replace(/ +(task_id|model|tool_name|chat_id)=.*/, ""))).toEqual([
    `Message ${message}: done`,
    "Received 2030-01-01 00:00:00 UTC, took 2.0 s in all",
    "",
    "Attempt 1, 2030-01-01T00:00:00.000Z, worker 2",
    `${first}  agent   +0.0 s  ${full}  1.0 s`,
    `${first + 1}    turn  +0.0 s  ${full}  1.0 s`,
    "",
    "Attempt 2, 2030-01-01T00:00:01.000Z, worker 2",
    `${second}   agent          +0.0 s  ${full}  1.0 s`,
    `${second + 1}     turn         +0.0 s  ${full}  1.0 s`,
    `${second + 2}       tool_call  +1.0 s  ${" ".repeat(29)}▏`,
    `${second + 5}    reply        +1.0 s  ${" ".repeat(29)}▏`,
    "",
  ]);
  const { attempts } = JSON.parse((await lastgood("trace", String(message), "--json")).stdout);
  expect(attempts).toMatchObject([
    { id: first },
    { id: second, children: [{ event_type: "turn.started" }, {}, {}, {}, {}] },
  ]);
});

test("the inbox lists what is to be looked after, page by page, and other messages by their status", async () => {
  for (const status of ["failed", "done", "queued", "set_aside"]) past.message({ at: Date.now() - HOUR, status });
  const first = await lastgood("inbox", "-n", "2", "--json");
  const listed = (printed: { stdout: string }) =>
    printed.stdout
      .trim()
      .split("\n")
      .map((line) => [JSON.parse(line).id, JSON.parse(line).status]);
  expect(listed(first)).toEqual([
    [4, "set_aside"],
    [3, "queued"],
  ]);
  expect(first.stderr).toBe("there are more: add --before 3\n");
  expect(listed(await lastgood("inbox", "--before", "3", "--json"))).toEqual([[1, "failed"]]);
  expect((await lastgood("inbox", "--status", "done")).stdout).toMatch(
    /^message {2}status .*\n2 {8}done {4}1 h ago.*question 502\n$/,
  );
  expect(await lastgood("inbox", "--status", "lost")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/Allowed choices are queued/),
  });
});

test("what failed is tried again, what is given up ends; each with its event, and what cannot be is said", async () => {
  const messages = ["failed", "set_aside", "queued", "done"].map((status) => past.message({ at: Date.now(), status }));
  const [failed = 0, setAside = 0, queued = 0, done = 0] = messages;
  const retried = await lastgood("retry", String(failed), String(done));
  expect(retried).toEqual({
    code: 1,
    stdout: `message ${failed} is tried again\n`,
    stderr: `message ${done} did not fail, is not stuck, or its text is gone\n`,
  });
  expect(await lastgood("drop", String(setAside), String(queued))).toMatchObject({ code: 0, stderr: "" });
  expect(rows("status, text IS NULL")).toEqual([
    ["queued", 0],
    ["ignored", 1],
    ["ignored", 1],
    ["done", 0],
  ]);
  expect(lastEvents(past.db, 3).map(({ eventType, payload }) => [eventType, payload?.task_id, payload?.from])).toEqual([
    ["message.retried", failed, "cli"],
    ["message.dropped", setAside, "cli"],
    ["message.dropped", queued, "cli"],
  ]);
});

test("events are listed since a moment, or for a span", async () => {
  past.message({ at: Date.UTC(2026, 0, 30, 12) });
  const eventsSince = async (when: string) => {
    const { stdout } = await lastgood("events", "--json", "--type", "agent.completed", "--since", when);
    return stdout.trim().split("\n").filter(Boolean).length;
  };
  past.message({ at: Date.now() - 3 * HOUR });
  past.message({ at: Date.now() - HOUR });
  expect(await Promise.all(["2026-01-30", "2026-01-31T00:00", "4h", "120min", "1m"].map(eventsSince))).toEqual([
    3, 2, 2, 1, 0,
  ]);
});
