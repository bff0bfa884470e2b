import { expect, test } from "@jest/globals";
import { classifyExit, countsAgainstRevision, type ExitEvidence, signalOf } from "./exits.ts";

const ended: ExitEvidence = {
  stopping: null,
  removed: false,
  startError: null,
  exitCode: 1,
  oom: false,
  signalled: false,
  unwatched: false,
};

test.each([
  ["that we stopped", { ...ended, stopping: "asked", exitCode: 137 }, "asked", false],
  ["that hung", { ...ended, stopping: "hang", exitCode: 137 }, "hang", true],
  ["that did not get ready", { ...ended, stopping: "never ready", exitCode: 0 }, "never ready", true],
  ["that somebody killed", { ...ended, signalled: true, exitCode: 137 }, "stopped from outside", false],
  ["that ended with the host", { ...ended, unwatched: true, exitCode: 255 }, "host went away", false],
  ["that lost a child to the memory limit", { ...ended, oom: true }, "crash", true],
  ["whose container is gone", { ...ended, removed: true, exitCode: null }, "removed", false],
  ["that the engine could not start", { ...ended, startError: "no such file", exitCode: null }, "start failed", true],
  ["that finds its configuration wrong", { ...ended, exitCode: 78 }, "configuration", true],
  ["that its upstream gave up on", { ...ended, exitCode: 75 }, "upstream", false],
  ["that used up its memory", { ...ended, exitCode: 137, oom: true }, "out of memory", true],
  ["that dies", ended, "crash", true],
  ["that leaves unasked", { ...ended, exitCode: 0 }, "crash", true],
] as const)("a worker %s", (_, evidence, expected, counts) => {
  expect(classifyExit(evidence)).toBe(expected);
  expect(countsAgainstRevision(expected)).toBe(counts);
});

test("an exit code above 128 names its signal", () => {
  expect([signalOf(137), signalOf(143), signalOf(1), signalOf(null)]).toEqual(["SIGKILL", "SIGTERM", null, null]);
});
