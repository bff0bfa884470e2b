import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { createFakeClock } from "../../../shared/fake-clock.ts";
import { readAnswer, refusal, writeAnswer } from "../../../shared/requests/answers.ts";
import { createFakeSupervisor, type FakeSupervisor } from "../../../shared/requests/fake-supervisor.ts";
import { putRequest } from "../../../shared/requests/put-request.ts";
import { temporaryRequests } from "../../../shared/requests/temporary-requests.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { firstAnswer, followRequest } from "./follow-request.ts";

let log: TemporaryDatabase;
let requests: ReturnType<typeof temporaryRequests>;
let supervisor: FakeSupervisor;
let id: string;
let arrivedAs: number | null;
beforeEach(() => {
  log = temporaryDatabase();
  requests = temporaryRequests();
  arrivedAs = 1001;
  supervisor = createFakeSupervisor(requests.directory, log.db, () => arrivedAs);
  const payload = { by: "op", from: "cli", revision: null } as const;
  id = putRequest(requests.directory, { type: "rollback.requested", payload });
});
afterEach(() => {
  requests.remove();
  log.remove();
});

/** The request's id in the supervisor's own log. */
const REQUEST = 1;
const a = { target_revision: "worker:a", from_revision: "worker:b", reason: "requested", request_id: REQUEST };
const reject = () =>
  logEvent(log.db, null, EventType.RollbackRejected, { request_id: REQUEST, reason: "nothing earlier" });
const accept = () => logEvent(log.db, null, EventType.RollbackStarted, { ...a, image_id: "sha256:a" });

function follow(signal: AbortSignal) {
  const clock = createFakeClock();
  const seen: string[] = [];
  let heard = Promise.withResolvers<void>();
  const hear = async (what: string) => {
    seen.push(what);
    heard.resolve();
  };
  const follower = {
    directory: requests.directory,
    clock,
    onEvent: (_state: unknown, { eventType }: { eventType: string }) => hear(eventType),
    onSilence: () => void hear("silence"),
  };
  const next = async () => {
    await heard.promise;
    heard = Promise.withResolvers();
  };
  return { clock, seen, next, follower, followed: followRequest(follower, id, signal) };
}

const never = () => new AbortController().signal;

test("a silent supervisor is noticed once, and its late answer still counts", async () => {
  const { clock, seen, next, followed } = follow(never());
  clock.advance(5_000);
  await next();
  clock.advance(5_000);
  supervisor.look();
  reject();
  supervisor.look();
  expect(await followed).toMatchObject({
    outcome: { kind: "rejected", reason: "nothing earlier" },
    answer: { eventId: 1001 },
  });
  expect(seen).toEqual(["silence", "rollback.rejected"]);
});

test("once it is taken there is no silence to notice, and each event is told once, however often the answer is written", async () => {
  const stop = new AbortController();
  supervisor.look();
  accept();
  supervisor.look();
  const { clock, seen, next, followed } = follow(stop.signal);
  await next();
  clock.advance(5_000);
  logEvent(log.db, null, EventType.DockerUnavailable, { reason: "away" });
  supervisor.look();
  await next();
  stop.abort();
  expect(await followed).toMatchObject({ outcome: null, answer: { eventId: 1001 } });
  expect(seen).toEqual(["rollback.started", "docker.unavailable"]);
});

test("what comes after the end of a request is not told", async () => {
  supervisor.look();
  accept();
  logEvent(log.db, null, EventType.RollbackAttempted, { ...a, success: true, error: null });
  logEvent(log.db, null, EventType.DockerUnavailable, { reason: "away" });
  supervisor.look();
  const { seen, followed } = follow(never());
  expect((await followed).outcome).toEqual({ kind: "done", revision: "worker:a" });
  expect(seen).toEqual(["rollback.started", "rollback.attempted"]);
});

test("a request that could not be taken is rejected with the reason", async () => {
  writeAnswer(requests.directory, id, refusal("it is no JSON"));
  expect((await follow(never()).followed).outcome).toEqual({ kind: "rejected", reason: "it is no JSON" });
});

test("an answer that ends without an outcome is a failure, not a wait without end", async () => {
  supervisor.look();
  const answer = readAnswer(requests.directory, id);
  if (answer) writeAnswer(requests.directory, id, { ...answer, decided: true });
  expect((await follow(never()).followed).outcome).toMatchObject({ kind: "failed" });
});

test("the id in the shared log is waited for a moment, and done without when that takes no rows", async () => {
  arrivedAs = null;
  supervisor.look();
  const follower = { directory: requests.directory, clock: createFakeClock(), onSilence: () => {} };
  const first = firstAnswer(follower, id, never());
  arrivedAs = 1001;
  supervisor.look();
  expect(await first).toMatchObject({ eventId: 1001 });
  arrivedAs = null;
  supervisor.look();
  expect(await firstAnswer(follower, id, never())).toMatchObject({ eventId: null, requestId: REQUEST });
});

test("whoever stops waiting gets no outcome", async () => {
  const stop = new AbortController();
  const { followed } = follow(stop.signal);
  stop.abort();
  expect(await followed).toEqual({ outcome: null, answer: null });
});
