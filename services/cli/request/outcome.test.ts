import { expect, test } from "@jest/globals";
import { type EventPayloads, EventType } from "../../../shared/event-types.ts";
import { type KnownEvent, knownEvent } from "../../../shared/known-event.ts";
import { advance, outcomeLine, outcomeOf, type RequestState } from "../../../shared/request-outcome.ts";
import { progressLine } from "../text/request-text.ts";

const REQUEST = 7;
const named = (tag: string) => ({ revision: `worker:${tag}`, image_id: `sha256:${tag}` });

function event<T extends EventType>(eventType: T, payload: EventPayloads[T]): KnownEvent {
  return knownEvent({ id: 1, timestamp: 0, parentId: 1, eventType, payload: { ...payload } });
}
const accepted = (tag = "b", request_id: number | null = REQUEST) =>
  event(EventType.DeployStarted, { ...named(tag), request_id, reason: "requested" });
const promoted = (tag: string) =>
  event(EventType.RevisionPromoted, { ...named(tag), evidence: { ready_seconds: 60, instance: "1.2" } });
const failed = (reason: string, request_id: number | null = REQUEST) =>
  event(EventType.DeployFailed, { ...named("b"), request_id, reason });
const goesBack = (from: string, to: string, request_id: number | null = null) =>
  event(EventType.RollbackStarted, {
    target_revision: `worker:${to}`,
    image_id: `sha256:${to}`,
    from_revision: `worker:${from}`,
    reason: "crash loop",
    request_id,
  });
const attempted = (from: string, to: string, error: string | null, request_id: number | null = null) =>
  event(EventType.RollbackAttempted, {
    target_revision: `worker:${to}`,
    success: error === null,
    from_revision: `worker:${from}`,
    reason: "crash loop",
    request_id,
    error,
  });
const halted = event(EventType.SupervisorHalted, { reason: "nothing good is left" });

/** The outcome after these events, the last being the newest in the log. */
function outcomeAfter(...events: readonly KnownEvent[]) {
  return outcomeOf(events.reduce<RequestState>(advance, { kind: "asked", requestId: REQUEST }), true);
}

test("a deploy is rejected by the answer that names it", () => {
  const rejection = (request_id: number) =>
    event(EventType.DeployRejected, { request_id, revision: "worker:b", reason: "no such image" });
  expect(outcomeAfter(rejection(6))).toBeNull();
  expect(outcomeAfter(rejection(REQUEST))).toEqual({ kind: "rejected", reason: "no such image" });
});

test("a deploy is done when its image is promoted after it was accepted", () => {
  expect(outcomeAfter(promoted("b"))).toBeNull();
  expect(outcomeAfter(accepted(), promoted("a"))).toBeNull();
  expect(outcomeAfter(accepted("b", 6), promoted("b"))).toBeNull();
  expect(outcomeAfter(accepted(), promoted("b"))).toEqual({ kind: "done", revision: "worker:b" });
});

test("a failed deploy tells what runs once the rollback has succeeded", () => {
  const untilRollback = [accepted(), failed("crash loop"), goesBack("b", "a")];
  expect(outcomeAfter(...untilRollback)).toBeNull();
  expect(outcomeAfter(...untilRollback, attempted("b", "a", null))).toEqual({
    kind: "failed",
    reason: "crash loop",
    aftermath: { kind: "went back", revision: "worker:a" },
  });
});

test("a rollback whose target is bad too is followed to the next", () => {
  const twoBack = [
    goesBack("b", "a"),
    attempted("b", "a", "crash loop"),
    goesBack("a", "0"),
    attempted("a", "0", null),
  ];
  expect(outcomeAfter(accepted(), failed("crash loop"), ...twoBack)).toEqual({
    kind: "failed",
    reason: "crash loop",
    aftermath: { kind: "went back", revision: "worker:0" },
  });
});

test("a failed deploy with nothing to go back to tells that the supervisor halted", () => {
  expect(outcomeAfter(accepted(), failed("crash loop"), halted)).toEqual({
    kind: "failed",
    reason: "crash loop",
    aftermath: { kind: "halted", reason: "nothing good is left" },
  });
});

test("a failure waits for what was committed with it, and stands alone when it is the newest event", () => {
  const state = [accepted(), failed("crash loop")].reduce<RequestState>(advance, { kind: "asked", requestId: REQUEST });
  expect(outcomeOf(state, false)).toBeNull();
  expect(outcomeOf(state, true)).toEqual({ kind: "failed", reason: "crash loop", aftermath: null });
});

test.each([
  ["deploy", accepted("c", 8)],
  ["rollback", goesBack("b", "a", 8)],
])("a deploy superseded by another operator's %s is over, and that one is not followed", (_, next) => {
  expect(outcomeAfter(accepted(), failed("superseded"), next)).toEqual({
    kind: "failed",
    reason: "superseded",
    aftermath: null,
  });
});

test("a rollback is rejected, done or failed by the answers that name it", () => {
  const rejected = event(EventType.RollbackRejected, { request_id: REQUEST, reason: "nothing earlier" });
  const started = goesBack("b", "a", REQUEST);
  expect(outcomeAfter(rejected)).toEqual({ kind: "rejected", reason: "nothing earlier" });
  expect(outcomeAfter(started)).toBeNull();
  expect(outcomeAfter(started, attempted("b", "a", null, 6))).toBeNull();
  expect(outcomeAfter(started, attempted("b", "a", null, REQUEST))).toEqual({ kind: "done", revision: "worker:a" });
  expect(outcomeAfter(started, attempted("b", "a", "crash loop", REQUEST), halted)).toEqual({
    kind: "failed",
    reason: "crash loop",
    aftermath: { kind: "halted", reason: "nothing good is left" },
  });
});

const before = { request_id: REQUEST, revision: "worker:b", reason: "cancelled", replaced_by: null };

test.each([
  ["a deploy before it was accepted", [event(EventType.DeployRejected, before)]],
  ["a deploy on probation", [accepted(), event(EventType.DeployFailed, { ...named("b"), ...before })]],
  [
    "a rollback",
    [
      goesBack("b", "a", REQUEST),
      event(EventType.RollbackAttempted, {
        target_revision: "worker:a",
        success: false,
        from_revision: "worker:b",
        reason: "requested",
        request_id: REQUEST,
        error: "cancelled",
        replaced_by: 9,
      }),
    ],
  ],
])("%s that was cancelled, or gave way to a newer request, is replaced", (_, events) => {
  expect(outcomeAfter(...events)).toEqual({ kind: "replaced", reason: "cancelled" });
});

test("that another request was replaced says nothing of this one", () => {
  expect(outcomeAfter(event(EventType.DeployRejected, { ...before, request_id: 6 }))).toBeNull();
  expect(
    outcomeAfter(accepted(), event(EventType.DeployFailed, { ...named("b"), ...before, request_id: 6 })),
  ).toBeNull();
});

test("the end is told in one line", () => {
  expect(outcomeLine("deploy", { kind: "replaced", reason: "superseded by the rollback to worker:a" })).toBe(
    "the deploy was replaced: superseded by the rollback to worker:a",
  );
  const aftermath = { kind: "went back", revision: "worker:a" } as const;
  expect(outcomeLine("deploy", { kind: "failed", reason: "crash loop", aftermath })).toBe(
    "the deploy failed: crash loop; went back to worker:a, which runs now",
  );
  expect(outcomeLine("rollback", { kind: "rejected", reason: "worker:a is running already" })).toBe(
    "the rollback was rejected: worker:a is running already",
  );
});

test("what happens before the answer is not told as progress", () => {
  const ready = event(EventType.WorkerReady, { poll_ms: 1 });
  const asked = { kind: "asked", requestId: REQUEST } as const;
  expect(progressLine(asked, ready, null)).toBeNull();
  expect(progressLine(advance(asked, accepted()), ready, null)).toBe("the worker is ready, and on probation");
  expect(progressLine(advance(asked, accepted()), ready, 60.4)).toBe(
    "the worker is ready, and on probation for about 60 s",
  );
});

test("what a request has to wait for is told, before its answer and after", () => {
  const asked = { kind: "asked", requestId: REQUEST } as const;
  const held = event(EventType.HoldRequested, { by: "somebody", from: "console" });
  const away = event(EventType.DockerUnavailable, { reason: "ECONNREFUSED" });
  for (const state of [asked, advance(asked, accepted())]) {
    expect(progressLine(state, held, null)).toMatch(/^the agent is on hold: .*lastgood unhold$/);
    expect(progressLine(state, away, null)).toBe("the engine cannot be reached: ECONNREFUSED");
  }
});
