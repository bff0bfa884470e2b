import { expect, test } from "@jest/globals";
import { every, systemClock } from "./clock.ts";

const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;

test("what is to be done again and again leaves no timer behind, also when it was stopped before it began", () => {
  const before = timers();
  const stopping = new AbortController();
  every(1_000, () => undefined, stopping.signal);
  expect(timers()).toBe(before + 1);
  stopping.abort();
  every(1_000, () => undefined, stopping.signal);
  expect(timers()).toBe(before);
});

test("a sleeper wakes when its signal aborts, does not fall asleep once it has, and leaves no timer behind", async () => {
  const before = timers();
  const waking = new AbortController();
  const asleep = systemClock.sleep(3_600_000, waking.signal);
  expect(timers()).toBe(before + 1);
  waking.abort();
  await asleep;
  await systemClock.sleep(3_600_000, waking.signal);
  expect(timers()).toBe(before);
});
