import { expect, test } from "@jest/globals";
import {
  classifyExit,
  countsAgainstRevision,
  type ExitEvidence,
  endedForMemory,
  isCrash,
  isNobodysFault,
  signalOf,
} from "./exits.ts";

const ended: ExitEvidence = {
  stopping: null,
  removed: false,
  startError: null,
  exitCode: 1,
  oom: false,
  signalled: false,
  freedTheLock: false,
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
  ["that left for a lock, which went with it", { ...ended, exitCode: 75, freedTheLock: true }, "hang", true],
  ["that died, and a lock with it", { ...ended, freedTheLock: true }, "crash", true],
  ["that used up its memory", { ...ended, exitCode: 137, oom: true }, "out of memory", true],
  ["that was killed from within", { ...ended, exitCode: 137 }, "crash", true],
  ["that we stopped and that is gone", { ...ended, stopping: "hang", removed: true, exitCode: null }, "hang", true],
  [
    "that we stopped for our own reasons, whatever it says",
    { ...ended, stopping: "asked", exitCode: 78 },
    "asked",
    false,
  ],
  [
    "that finds its configuration wrong as it is stopped",
    { ...ended, signalled: true, exitCode: 78 },
    "configuration",
    true,
  ],
  ["that its upstream gave up on unseen", { ...ended, unwatched: true, exitCode: 75 }, "upstream", false],
  [
    "that somebody killed unseen",
    { ...ended, signalled: true, unwatched: true, exitCode: 137 },
    "stopped from outside",
    false,
  ],
  [
    "that somebody killed as its memory ran out",
    { ...ended, signalled: true, oom: true, exitCode: 137 },
    "stopped from outside",
    false,
  ],
  ["that used up its memory unseen", { ...ended, unwatched: true, oom: true, exitCode: 137 }, "host went away", false],
  ["that dies", ended, "crash", true],
  ["that leaves unasked", { ...ended, exitCode: 0 }, "crash", true],
] as const)("a worker %s", (_, evidence, expected, counts) => {
  expect(classifyExit(evidence)).toBe(expected);
  expect(countsAgainstRevision(expected)).toBe(counts);
});

test("only a crash, or memory that ran out, is the worker's own end", () => {
  const classes = [
    "crash",
    "out of memory",
    "hang",
    "never ready",
    "start failed",
    "configuration",
    "upstream",
    "asked",
  ] as const;
  expect(classes.filter(isCrash)).toEqual(["crash", "out of memory"]);
});

test("an upstream that gives up speaks against nobody, and yet it is no end that says nothing", () => {
  expect([countsAgainstRevision("upstream"), isNobodysFault("upstream")]).toEqual([false, false]);
});

test("a kill for want of memory within a second of the end, before or after, was the end", () => {
  const end = 1_000_000;
  const kills = [end - 1000, end - 999, end, end + 999, end + 1000, null];
  expect(kills.map((at) => endedForMemory(at, end))).toEqual([false, true, true, true, false, false]);
});

test("an exit code above 128 names its signal", () => {
  expect([137, 139, 134, 143, 1, 128, 138, null].map(signalOf)).toEqual([
    "SIGKILL",
    "SIGSEGV",
    "SIGABRT",
    "SIGTERM",
    null,
    null,
    null,
    null,
  ]);
});
