import { afterEach, expect, test } from "@jest/globals";
import { systemClock } from "../../../shared/clock.ts";
import { silentLogger } from "../../../shared/logging.ts";
import type { Pull } from "../worker-runtime.ts";
import { openEngine } from "./docker-engine.ts";
import { pullImage } from "./docker-pull.ts";
import { temporaryEngine } from "./temporary-engine.ts";
import { type Answer, temporaryRuntime } from "./temporary-runtime.ts";

let remove = async () => {};
afterEach(() => remove());

async function runtimePulling(answer: Answer | null, pulls: object = {}) {
  const temporary = await temporaryRuntime(({ line }) => (line.startsWith("POST /images") ? answer : EVENTS), pulls);
  remove = temporary.remove;
  return temporary;
}
const EVENTS = { status: 200, body: "" };

/** Pulls, and waits for the end of it. */
async function outcomeOf({ runtime }: Awaited<ReturnType<typeof runtimePulling>>, reference: string): Promise<Pull> {
  const watching = new AbortController();
  const ended = new Promise<Pull>((resolve) => {
    runtime.watch(() => {
      const pull = runtime.pullOf(reference);
      if (pull.kind !== "running") resolve(pull);
    }, watching.signal);
  });
  runtime.pull(reference);
  return ended.finally(() => watching.abort());
}

test("a registry's error of three megabytes with escapes is kept in 1,000 characters, and none of them is a control", async () => {
  const error = "\u001b[31mthe registry says\n\u0007no\u202e ".repeat(120_000);
  const pull = await outcomeOf(
    await runtimePulling({ status: 200, body: `${JSON.stringify({ error })}\n` }),
    "r/worker:1",
  );
  if (pull.kind !== "failed") throw new Error(pull.kind);
  expect(pull.reason.length).toBeLessThanOrEqual(1000);
  expect(pull.reason).toMatch(/^the registry says +no/);
  expect(pull.reason).not.toMatch(/[\p{Cc}\u202e]/u);
});

test("a line without an end does not fill the memory", async () => {
  const pull = await outcomeOf(await runtimePulling({ status: 200, body: "x".repeat(20_000_000) }), "r/worker:1");
  expect(pull).toMatchObject({ kind: "failed", reason: expect.stringMatching(/^x{999}…$/) });
});

test("a pull that never comes to its end has one all the same", async () => {
  const pull = await outcomeOf(await runtimePulling(null, { longestMs: 60 }), "r/worker:1");
  expect(pull).toEqual({ kind: "failed", reason: "it was not here after 0.001 min: pull it by hand" });
});

test("a pull that is aborted ends at the engine, too", async () => {
  const { runtime, begun, hungUp } = await runtimePulling(null);
  runtime.pull("r/worker:1");
  await begun;
  runtime.abortPull("r/worker:1");
  await hungUp;
  expect(runtime.pullOf("r/worker:1")).toEqual({ kind: "none" });
});

test("a pull that is aborted before it is under way never is", async () => {
  const { socketPath, remove: removeEngine } = await temporaryEngine(() => {});
  remove = removeEngine;
  const ports = { docker: openEngine(socketPath), clock: systemClock, log: silentLogger };
  const settings = { loginsPath: "/nonexistent", stallMs: 60_000, longestMs: 60_000, tellMs: 1000 };
  const order = { reference: "r/worker:1", signal: AbortSignal.abort() };
  await expect(pullImage(ports, settings, order)).rejects.toThrow("it was given up");
});
