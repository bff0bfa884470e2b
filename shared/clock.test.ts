import { expect, test } from "@jest/globals";
import { every } from "./clock.ts";

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
