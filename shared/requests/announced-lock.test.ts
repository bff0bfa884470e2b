import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { announcedLock, announceLock, LONGEST_LOCK_MS, pruneAnnouncedLocks } from "./announced-lock.ts";
import { inboxOf } from "./requests-directory.ts";
import { readRequests } from "./take-requests.ts";
import { temporaryRequests } from "./temporary-requests.ts";

let requests: ReturnType<typeof temporaryRequests>;
beforeEach(() => {
  requests = temporaryRequests();
});
afterEach(() => requests.remove());

const NOW = 1_000_000;
const announce = (what: string, untilMs: number) =>
  announceLock(requests.directory, { by: "op@server", what, untilMs });
const seen = (now = NOW) => announcedLock(requests.directory, now);

test("a lock is announced until its end, until it is given up, or renewed", () => {
  expect(seen()).toBeNull();
  const lock = announce("archive", NOW + 1000);
  expect(seen()).toEqual({ what: "archive", until: NOW + 1000 });
  expect(seen(NOW + 1000)).toBeNull();
  lock.renew(NOW + 5000);
  expect(seen(NOW + 1000)).toEqual({ what: "archive", until: NOW + 5000 });
  announce("forget", NOW + 2000);
  expect(seen(NOW + 1000)).toEqual({ what: "archive", until: NOW + 5000 });
  lock.end();
  expect(seen()).toEqual({ what: "forget", until: NOW + 2000 });
});

test("nobody holds a lock for longer than commands of ours do", () => {
  announce("archive", NOW + LONGEST_LOCK_MS + 1);
  expect(seen()).toBeNull();
  expect(seen(NOW + 1)).not.toBeNull();
});

test("an announcement is no request, and what is none neither holds nor stays", () => {
  announce("archive", NOW + 1000);
  const place = (last: string) => join(inboxOf(requests.directory), `01ARZ3NDEKTSV4RRFFQ69G5FA${last}.lock.json`);
  writeFileSync(place("0"), "{}");
  mkdirSync(place("1"));
  execFileSync("mkfifo", [place("2")]);
  expect(readRequests(requests.directory)).toEqual([]);
  expect(seen()).toEqual({ what: "archive", until: NOW + 1000 });
  pruneAnnouncedLocks(requests.directory, NOW);
  expect(readdirSync(inboxOf(requests.directory))).toHaveLength(1);
  pruneAnnouncedLocks(requests.directory, NOW + 1000);
  expect(readdirSync(inboxOf(requests.directory))).toEqual([]);
});

test("where there is no directory of requests, nothing is announced", () => {
  expect(announcedLock("/nowhere/at/all", NOW)).toBeNull();
  expect(() => pruneAnnouncedLocks("/nowhere/at/all", NOW)).not.toThrow();
});
