import { execFile } from "node:child_process";
import { readdirSync, rmSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createFakeClock } from "../../shared/fake-clock.ts";
import { announcedLock, LONGEST_LOCK_MS } from "../../shared/requests/announced-lock.ts";
import { inboxOf } from "../../shared/requests/requests-directory.ts";
import { temporaryRequests } from "../../shared/requests/temporary-requests.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../shared/temporary-database.ts";
import { plain } from "./output.ts";
import { whileAnnounced } from "./while-announced.ts";

const PROGRAM = join(import.meta.dirname, "main.ts");

let state: TemporaryDatabase;
let requests: ReturnType<typeof temporaryRequests>;
beforeEach(() => {
  state = temporaryDatabase();
  requests = temporaryRequests();
});
afterEach(() => {
  requests.remove();
  state.remove();
});

function announcer(requestsDir = requests.directory) {
  const notes: string[] = [];
  const clock = createFakeClock();
  const output = {
    print: async () => {},
    note: (line: string) => void notes.push(line),
    paint: plain,
    closed: AbortSignal.any([]),
  };
  const seen = () => announcedLock(requestsDir, clock.now());
  return { notes, clock, seen, ports: { requestsDir, clock, output } };
}

test("work is announced while it goes on, for longer when it says so, and no longer, also when it fails", async () => {
  const { clock, seen, ports } = announcer();
  const failed = whileAnnounced("archive", ports, (goesOn) => {
    expect(seen()).toEqual({ what: "archive", until: clock.now() + LONGEST_LOCK_MS });
    clock.advance(LONGEST_LOCK_MS - 1);
    goesOn();
    clock.advance(LONGEST_LOCK_MS - 1);
    expect(seen()?.what).toBe("archive");
    throw new Error("the work failed");
  });
  await expect(failed).rejects.toThrow("the work failed");
  expect(readdirSync(inboxOf(requests.directory))).toEqual([]);
});

test("work that cannot be announced is done all the same, and that is told where there may be a supervisor", async () => {
  const absent = announcer("/nowhere/at/all");
  expect(await whileAnnounced("archive", absent.ports, () => "done")).toBe("done");
  expect(absent.notes).toEqual([]);
  rmSync(inboxOf(requests.directory), { recursive: true });
  writeFileSync(inboxOf(requests.directory), "");
  const refused = announcer();
  expect(await whileAnnounced("archive", refused.ports, () => "done")).toBe("done");
  expect(refused.notes).toEqual([
    expect.stringMatching(/^The supervisor cannot be told that archive keeps the database/),
  ]);
});

test.each([
  [["archive", "--older-than", "90d"]],
  [["forget", "7", "--yes"]],
  [["backup", "copy.db"]],
  [["restore", "copy.db"]],
])("%j announces that it may keep the database", async (args) => {
  const lastgood = (given: readonly string[]) =>
    new Promise((ended) => {
      const env = { PATH: process.env.PATH, STATE_DIR: state.directory, REQUESTS_DIR: requests.directory };
      execFile(process.execPath, [PROGRAM, ...given], { env, cwd: state.directory }, (error) => ended(error));
    });
  if (args[0] === "restore") await lastgood(["backup", "copy.db"]);
  const announced = Promise.withResolvers<string>();
  const watcher = watch(inboxOf(requests.directory), (_, name) => {
    if (name?.endsWith(".lock.json")) announced.resolve(name);
  });
  expect(await lastgood(args)).toBeNull();
  await announced.promise;
  watcher.close();
  expect(readdirSync(inboxOf(requests.directory))).toEqual([]);
});
