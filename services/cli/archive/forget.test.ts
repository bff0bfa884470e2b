import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { onceCommitted } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { recentHistory } from "../../../shared/history.ts";
import { requeue } from "../../../shared/inbox.ts";
import { readStory } from "../../../shared/message-story.ts";
import { forgetChat } from "./forget-chat.ts";
import { moveNextSlice } from "./move-slice.ts";
import { DAY, type TemporaryPast, temporaryPast } from "./temporary-past.ts";

const PROGRAM = resolve(import.meta.dirname, "../main.ts");

let past: TemporaryPast;
beforeEach(() => {
  past = temporaryPast(Date.now() - 60 * DAY);
});
afterEach(() => past.remove());

async function forget(args: readonly string[], answer = "") {
  const env = { PATH: process.env.PATH, STATE_DIR: past.directory, REQUESTS_DIR: join(past.directory, "requests") };
  const child = spawn(process.execPath, [PROGRAM, "forget", ...args], { env, stdio: "pipe" });
  const printed = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => (printed.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (printed.stderr += text));
  child.stdin.end(answer);
  const [code] = await once(child, "close");
  return { code, ...printed };
}

const onDisk = (text: string) =>
  readdirSync(past.directory).filter((name) => readFileSync(join(past.directory, name)).includes(text));
const archiveOlderThan = (days: number) =>
  moveNextSlice({ db: past.db, stateDir: past.directory, before: Date.now() - days * DAY, by: "op" }, 0);
const all = (query: string) => past.db.prepare(query).pluck().all();

test("a chat's text is gone from every file, its events and what others said stay", async () => {
  const archived = past.message({ at: Date.now() - 50 * DAY });
  const answered = past.message({ at: Date.now() - DAY });
  const failed = past.message({ at: Date.now() - DAY, status: "failed", failures: 1 });
  const other = past.message({ at: Date.now(), chatId: 8 });
  archiveOlderThan(40);
  past.db.pragma("wal_checkpoint(TRUNCATE)");
  expect(onDisk(`answer ${answered}`)).toEqual(["lastgood.db"]);
  expect(onDisk("question 501")).toEqual([expect.stringMatching(/^archive-/)]); // its update's number
  const events = all("SELECT count(*) FROM events");
  const told = await forget(["7", "--yes"]);
  expect(told).toEqual({
    code: 0,
    stdout: "erased: 2 messages, 6 lines of history, 1 messages in archives\n",
    stderr: "",
  });
  for (const id of [archived, answered]) expect([onDisk(`answer ${id}`), onDisk(`question ${id}`)]).toEqual([[], []]);
  for (const updateId of [501, 502, 503]) expect(onDisk(`question ${updateId}`)).toEqual([]);
  expect(recentHistory(past.db, 7, 12)).toEqual([]);
  expect(recentHistory(past.db, 8, 12)).toHaveLength(2);
  expect(all("SELECT count(*) FROM events WHERE event_type <> 'chat.forgotten'")).toEqual(events);
  expect(readStory(past.db, answered)).toMatchObject({ turns: 1, costUsd: 0.01, status: "done" });
  expect(requeue(past.db, failed)).toBe(false);
  expect(readStory(past.db, other)).toMatchObject({ status: "done" });
  expect((await forget(["7", "-y"])).stdout).toBe("erased: 0 messages, 0 lines of history, 0 messages in archives\n");
  expect(all("SELECT payload ->> '$.chat_id' FROM events WHERE event_type = 'chat.forgotten'")).toEqual([7]);
});

test("a group and the supergroup that it became are forgotten together", async () => {
  past.message({ at: Date.now() - DAY, chatId: -5 });
  logEvent(past.db, past.worker, EventType.ChatMigrated, { chat_id: -5, to_chat_id: -1005 });
  past.message({ at: Date.now() - DAY, chatId: -1005 });
  expect(await forget(["--yes", "--json", "--", "-1005"])).toMatchObject({ code: 0 });
  expect(all("SELECT text FROM inbox WHERE text IS NOT NULL UNION ALL SELECT text FROM history")).toEqual([]);
});

test("what is not answered yet keeps its text, and is told", async () => {
  const open = past.message({ at: Date.now(), status: "queued" });
  const { code, stderr } = await forget(["7", "--yes"]);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^1 are not answered yet and keep/) });
  expect(all(`SELECT text IS NOT NULL FROM inbox WHERE id = ${open}`)).toEqual([1]);
});

test("what is answered just after its chat was erased is told, and not taken for erased", () => {
  const open = past.message({ at: Date.now(), status: "in_progress" });
  const answer = () => past.db.prepare("UPDATE inbox SET status = 'done' WHERE id = ?").run(open);
  past.message({ at: Date.now() });
  past.db.function("erased", () => onceCommitted(past.db, answer));
  past.db.exec(`CREATE TEMP TRIGGER answers_late AFTER INSERT ON main.events
    WHEN NEW.event_type = 'chat.forgotten' BEGIN SELECT erased(); END`);
  expect(forgetChat({ db: past.db, stateDir: past.directory }, 7, "op")).toMatchObject({ messages: 1, open: 1 });
});

test("it asks first, and only a yes is one", async () => {
  past.message({ at: Date.now() - 50 * DAY });
  past.message({ at: Date.now() });
  past.message({ at: Date.now() });
  archiveOlderThan(40);
  for (const answer of ["", "n\n", "\n"]) {
    expect(await forget(["7"], answer)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /7: 2 messages, 9 lines of history, 1 messages in archives\? .*\[y\/N\]\nnothing was erased.*\n$/,
      ),
    });
  }
  expect(await forget(["7"], "y\n")).toMatchObject({ code: 0, stdout: expect.stringMatching(/^erased: 2 messages/) });
});

test("older versions of a row, which SQLite leaves between the others, are gone too", async () => {
  const ids = Array.from({ length: 200 }, (_, at) =>
    past.message({ at: Date.now() - 50 * DAY + at, status: "queued", chatId: at % 2 }),
  );
  for (const status of ["in_progress", "done"])
    for (const id of ids) past.db.prepare("UPDATE inbox SET status = ?, error = status WHERE id = ?").run(status, id);
  past.message({ at: Date.now(), chatId: 1 });
  archiveOlderThan(40);
  past.db.pragma("wal_checkpoint(TRUNCATE)");
  const texts = ids.map((_, at) => `question ${501 + at}`).filter((_, at) => at % 2 === 0);
  expect(texts.flatMap(onDisk)).toContain("lastgood.db");
  await forget(["0", "--yes"]);
  expect(texts.flatMap(onDisk)).toEqual([]);
});

test("copies beside the database are named", async () => {
  past.message({ at: Date.now() });
  const copies = ["before-restore-20300101T000000Z.db", "damaged-2030-01-01T00-00-00.000Z.db"];
  for (const copy of copies) writeFileSync(join(past.directory, copy), "");
  const { code, stderr } = await forget(["7", "--yes"]);
  expect([code, stderr]).toEqual([0, `these keep their copy until you remove them: ${copies.join(", ")}\n`]);
});
