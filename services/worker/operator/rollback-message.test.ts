import { expect, test } from "@jest/globals";
import { rollbackMessage } from "./rollback-message.ts";
import type { UntoldRollback } from "./untold-rollback.ts";

const rollback: UntoldRollback = {
  eventId: 9,
  from: "worker:b",
  to: "worker:a",
  reason: "crash loop",
  lastLines: ["starting", "TypeError: x is not a function"],
};

test("the operator reads what runs now, why, and what the failed worker said last", () => {
  expect(rollbackMessage(rollback)).toBe(
    "Rolled back from worker:b to worker:a.\nReason: crash loop\n\n" +
      "The last lines of worker:b:\nstarting\nTypeError: x is not a function",
  );
});

test("a worker that said nothing is not quoted", () => {
  expect(rollbackMessage({ ...rollback, lastLines: [] })).toBe(
    "Rolled back from worker:b to worker:a.\nReason: crash loop",
  );
});

test("of many lines the newest ten are quoted", () => {
  const lastLines = Array.from({ length: 15 }, (_, index) => `line ${index}`);
  const quoted = rollbackMessage({ ...rollback, lastLines })
    .split("\n")
    .slice(4);
  expect(quoted).toEqual(lastLines.slice(5));
});

test("whatever the length of its parts, the message fits, ends with the newest line and tears no character", () => {
  const long = "😀".repeat(5000);
  const lastLines = [...Array(10).fill(long), "the newest"];
  const message = rollbackMessage({ eventId: 9, from: long, to: long, reason: long, lastLines });
  expect(message.length).toBeLessThanOrEqual(3500);
  expect(message.isWellFormed()).toBe(true);
  expect(message.endsWith("\nthe newest")).toBe(true);
  expect(message.split("\n").length).toBeGreaterThan(8);
});
