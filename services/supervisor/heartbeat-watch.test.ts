import { beforeEach, expect, test } from "@jest/globals";
import { createHeartbeatWatch, type HeartbeatWatch } from "./heartbeat-watch.ts";

let now: number;
let mtime: number | null;
let watch: HeartbeatWatch;
beforeEach(() => {
  now = 1_000_000;
  mtime = 5;
  watch = createHeartbeatWatch({ mtime: () => mtime, monotonicMs: () => now });
});

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
