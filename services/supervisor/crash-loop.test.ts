import { expect, test } from "@jest/globals";
import type { Exit } from "../../shared/worker-state.ts";
import { failuresInARow, isCrashLooping, restartDelayMs } from "./crash-loop.ts";

const policy = { crashThreshold: 3, crashWindowSeconds: 60, restartMaxMs: 300_000, healthySeconds: 600 };
const crash: Exit = {
  eventId: 1,
  at: 0,
  instance: "1.1",
  imageId: "sha256:a",
  class: "crash",
  readySeconds: null,
  startedAt: null,
  finishedAt: null,
};
const crashes = (count: number): Exit[] => Array.from({ length: count }, () => crash);

test("three exits in a row soon after ready are a crash loop, two are not", () => {
  expect(isCrashLooping(crashes(3), policy)).toBe(true);
  expect(isCrashLooping(crashes(2), policy)).toBe(false);
});

test("an exit after a long time ready breaks the row", () => {
  expect(isCrashLooping([crash, { ...crash, readySeconds: 60 }, crash], policy)).toBe(false);
  expect(isCrashLooping([crash, { ...crash, readySeconds: 59 }, crash], policy)).toBe(true);
});

test("a long time ready breaks the row whatever ended it, an ordinary stop included", () => {
  const week: Exit = { ...crash, class: "asked", readySeconds: 600_000 };
  expect(isCrashLooping([crash, week, crash, week, crash], policy)).toBe(false);
});

test("an exit soon after ready counts, also the newest before a long time ready", () => {
  const week: Exit = { ...crash, readySeconds: 600_000 };
  expect(isCrashLooping([...crashes(3), week], policy)).toBe(true);
  expect(isCrashLooping([...crashes(2), week], policy)).toBe(false);
});

test("a wrong configuration and an upstream that gives up are no crash loop, however often", () => {
  expect(isCrashLooping(Array(9).fill({ ...crash, class: "configuration" }), policy)).toBe(false);
  expect(isCrashLooping(Array(9).fill({ ...crash, class: "upstream" }), policy)).toBe(false);
});

test("exits that are nobody's fault neither count nor break the row", () => {
  const removed: Exit = { ...crash, class: "removed" };
  expect(isCrashLooping([crash, removed, crash, removed], policy)).toBe(false);
  expect(isCrashLooping([crash, removed, crash, removed, crash], policy)).toBe(true);
});

test("restarts come at once, then after 1 s, 2 s, 4 s … up to the maximum, within a tenth", () => {
  const delays = [0, 1, 2, 3, 4, 5, 15].map((count) => restartDelayMs(crashes(count), policy));
  const nominal = [0, 0, 1000, 2000, 4000, 8000, 300_000];
  delays.forEach((delay, index) => {
    expect(delay).toBeLessThanOrEqual(nominal[index] ?? 0);
    expect(delay).toBeGreaterThanOrEqual((nominal[index] ?? 0) * 0.9);
  });
});

test("whoever asks again gets the same delay, and another exit another one", () => {
  expect(restartDelayMs(crashes(4), policy)).toBe(restartDelayMs(crashes(4), policy));
  const other = crashes(4).map((exit) => ({ ...exit, eventId: 2 }));
  expect(restartDelayMs(other, policy)).not.toBe(restartDelayMs(crashes(4), policy));
});

test("a long health forgets the failures before it, and an exit by hand forgets all", () => {
  expect(failuresInARow([crash, { ...crash, readySeconds: 600 }, crash, crash], policy)).toBe(2);
  expect(failuresInARow([{ ...crash, class: "removed" }, crash, crash], policy)).toBe(0);
});
