import { execFileSync } from "node:child_process";
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { clearHeartbeat, createHeartbeatWatch, type HeartbeatWatch } from "./heartbeat-watch.ts";

let now: number;
let mtime: number | null;
let watch: HeartbeatWatch;
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lastgood-"));
  now = 1_000_000;
  mtime = 5;
  watch = createHeartbeatWatch({ mtime: () => mtime, monotonicMs: () => now });
});

afterEach(() => rmSync(directory, { recursive: true }));

/** What is seen of it after a further while. */
function after(ms: number, runningId: string | null = "container-1"): number {
  now += ms;
  return watch.staleMs(runningId);
}

test("a heartbeat is stale for as long as it was watched and did not move, however old its mtime is", () => {
  expect([after(0), after(1000), after(2000)]).toEqual([0, 1000, 3000]);
});

test("a heartbeat that moves, in whatever direction, starts anew", () => {
  after(0);
  mtime = 6;
  expect(after(1000)).toBe(0);
  mtime = 4;
  expect(after(1000)).toBe(0);
  expect(after(1000)).toBe(1000);
});

test("a worker that never writes one is watched as well, and its first starts anew", () => {
  mtime = null;
  expect([after(0), after(1000)]).toEqual([0, 1000]);
  mtime = 5;
  expect(after(1000)).toBe(0);
});

test("another worker does not inherit what the one before it missed", () => {
  after(0);
  expect(after(1000, "container-2")).toBe(0);
  expect(after(1000, "container-2")).toBe(1000);
});

test("the time that a worker was paused, or did not run, is no time in which it missed anything", () => {
  after(0);
  expect(after(1000, null)).toBe(0);
  expect(after(60_000, null)).toBe(0);
  expect(after(60_000)).toBe(0);
  expect(after(1000)).toBe(1000);
});

const LEFT: Readonly<Record<string, (heartbeat: string, database: string) => void>> = {
  nothing: () => {},
  "a file": (heartbeat) => writeFileSync(heartbeat, ""),
  "a FIFO": (heartbeat) => execFileSync("mkfifo", [heartbeat]),
  "a symbolic link": (heartbeat, database) => symlinkSync(database, heartbeat),
  "a hard link": (heartbeat, database) => linkSync(database, heartbeat),
  "a link to nowhere": (heartbeat) => symlinkSync("nowhere", heartbeat),
};

test.each(Object.keys(LEFT))(
  "where the last worker left %s there is no heartbeat, and nothing else is changed",
  (kind) => {
    const [heartbeat, database] = [join(directory, "heartbeat"), join(directory, "lastgood.db")];
    writeFileSync(database, "rows");
    LEFT[kind]?.(heartbeat, database);
    clearHeartbeat(heartbeat);
    expect(readdirSync(directory)).toEqual(["lastgood.db"]);
    expect(readFileSync(database, "utf8")).toBe("rows");
  },
);

test("a directory in its place keeps what is in it, under another name", () => {
  const heartbeat = join(directory, "heartbeat");
  for (const name of ["one", "two"]) {
    mkdirSync(join(heartbeat, name), { recursive: true });
    clearHeartbeat(heartbeat);
  }
  const kept = readdirSync(directory);
  expect(kept.map((name) => name.slice(0, 20))).toEqual(["heartbeat-set-aside-", "heartbeat-set-aside-"]);
  expect(kept.flatMap((name) => readdirSync(join(directory, name))).sort()).toEqual(["one", "two"]);
});
