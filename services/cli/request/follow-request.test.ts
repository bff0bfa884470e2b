import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { createFakeClock } from "../../../shared/fake-clock.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { followRequest } from "./follow-request.ts";

let temporary: TemporaryDatabase;
let requestId: number;
beforeEach(() => {
  temporary = temporaryDatabase();
  requestId = logEvent(temporary.db, null, EventType.RollbackRequested, { by: "op", from: "cli", revision: null });
});
afterEach(() => temporary.remove());

function follow(signal: AbortSignal) {
  const clock = createFakeClock();
  const seen: string[] = [];
  const first = Promise.withResolvers<void>();
  const hear = (what: string) => {
    seen.push(what);
    first.resolve();
  };
  const onEvent = async (_state: unknown, { eventType }: { eventType: string }) => hear(eventType);
  const follower = { db: temporary.db, clock, onEvent, onSilence: () => hear("silence") };
  return { clock, seen, heard: first.promise, outcome: followRequest(follower, requestId, signal) };
}

const reject = () =>
  logEvent(temporary.connect(), null, EventType.RollbackRejected, { request_id: requestId, reason: "nothing earlier" });

test("a silent supervisor is noticed once, and its late answer still counts", async () => {
  const { clock, seen, heard, outcome } = follow(new AbortController().signal);
  clock.advance(5_000);
  await heard;
  clock.advance(5_000);
  reject();
  expect(await outcome).toEqual({ kind: "rejected", reason: "nothing earlier" });
  expect(seen).toEqual(["silence", "rollback.rejected"]);
});

test("once it is accepted there is no silence to notice, however long it takes", async () => {
  const stop = new AbortController();
  const { clock, seen, heard, outcome } = follow(stop.signal);
  logEvent(temporary.connect(), null, EventType.RollbackStarted, {
    target_revision: "worker:a",
    image_id: "sha256:a",
    from_revision: "worker:b",
    reason: "requested",
    request_id: requestId,
  });
  await heard;
  clock.advance(5_000);
  await clock.sleep(0, stop.signal); // whoever woke has its turn first
  stop.abort();
  expect(await outcome).toBeNull();
  expect(seen).toEqual(["rollback.started"]);
});

test("whoever stops waiting gets no outcome", async () => {
  const stop = new AbortController();
  const { outcome } = follow(stop.signal);
  stop.abort();
  expect(await outcome).toBeNull();
});
