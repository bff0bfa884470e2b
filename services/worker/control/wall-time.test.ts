import { expect, test } from "@jest/globals";
import { createFakeClock } from "../../../shared/fake-clock.ts";
import { startWallTime } from "./wall-time.ts";

test("time that is up aborts, and has elapsed; time that was ended before aborts nothing", async () => {
  const clock = createFakeClock();
  const over = startWallTime(clock, 5000, new AbortController().signal);
  const ended = startWallTime(clock, 5000, new AbortController().signal);
  clock.advance(4000);
  expect(over.elapsedMs()).toBe(4000);
  ended.end();
  clock.advance(1000);
  await Promise.resolve();
  expect([over.signal.aborted, ended.signal.aborted]).toEqual([true, false]);
  expect(over.elapsedMs()).toBe(5000);
});

test("it aborts with its parent", () => {
  const parent = new AbortController();
  const wall = startWallTime(createFakeClock(), 5000, parent.signal);
  parent.abort(new Error("stopped"));
  expect(wall.signal.reason).toEqual(new Error("stopped"));
  wall.end();
});
