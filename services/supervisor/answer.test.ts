import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { type PendingRequest, type Revision, wantedRevision } from "../../shared/state.ts";
import { newestWorker } from "../../shared/worker-state.ts";
import { answerRollback, rejectChecked, rejectDeploy, takeUp, tellingLines } from "./answer.ts";
import { a, b, c, check, deployRequest, ended } from "./fake-observation.ts";
import { performerOf } from "./fake-performer.ts";
import { createFakeSystem, type FakeSupervisor, type FakeSystem } from "./fake-system.ts";
import type { Performer } from "./performer.ts";

let system: FakeSystem;
let supervisor: FakeSupervisor;
let performer: Performer;
beforeEach(async () => {
  system = createFakeSystem();
  supervisor = system.startSupervisor();
  performer = performerOf(system, supervisor);
  await system.promote(supervisor);
});
afterEach(() => system.remove());

const REQUEST = 77;

function rollbackTo({ revision, imageId }: { revision: string | null; imageId: string | null }): PendingRequest {
  return { eventId: REQUEST, kind: "rollback", revision, imageId };
}

const toPrevious = rollbackTo({ revision: null, imageId: null });

const acceptedRollback = (to: Revision, from: string) => ({
  target_revision: to.revision,
  image_id: to.imageId,
  from_revision: from,
  reason: "requested",
  request_id: REQUEST,
});

/** What the newest answer to a rollback says. */
async function answerTo(request: PendingRequest) {
  const before = system.types().length;
  await answerRollback(performer, request);
  const [answer, ...more] = system
    .types()
    .slice(before)
    .filter((type) => type.startsWith("rollback."));
  expect(more.length).toBe(0);
  return { [answer ?? "none"]: answer && system.newest(answer).payload };
}

const rejected = (reason: string) => ({ "rollback.rejected": { request_id: REQUEST, reason } });

test("a rollback without a name goes to the newest good revision before the one that runs", async () => {
  await system.promoteAll(supervisor, ["b", "c"]);
  expect(await answerTo(toPrevious)).toEqual({ "rollback.started": acceptedRollback(b, "worker:c") });
});

test("also when what is wanted is on probation, and so not good yet", async () => {
  system.runtime.addImage("b");
  system.deploy("b");
  await supervisor.settle();
  expect(await answerTo(toPrevious)).toEqual({ "rollback.started": acceptedRollback(a, "worker:b") });
});

test("it passes over a good revision whose image is gone", async () => {
  await system.promoteAll(supervisor, ["b", "c"]);
  system.runtime.removeImage("b");
  expect(await answerTo(toPrevious)).toEqual({ "rollback.started": acceptedRollback(a, "worker:c") });
});

test("with no earlier good revision there is none to go back to", async () => {
  expect(await answerTo(toPrevious)).toEqual(rejected("there is no earlier good revision to go back to"));
});

test("a rollback to a reference goes to what it means here and now, good or not", async () => {
  system.runtime.addImage("b");
  expect(await answerTo(rollbackTo({ revision: "worker:b", imageId: null }))).toEqual({
    "rollback.started": acceptedRollback(b, "worker:a"),
  });
});

test("a rollback pulls nothing: what is not here is rejected", async () => {
  system.runtime.registryHas("worker:b", "it");
  const request = rollbackTo({ revision: "worker:b", imageId: null });
  expect(await answerTo(request)).toEqual(rejected("no image is called worker:b here"));
});

test("a rollback to an image goes to that very image, whatever its tag means by now", async () => {
  await system.promoteAll(supervisor, ["b"]);
  system.runtime.addImage("a", "sha256:moved");
  expect(await answerTo(rollbackTo(a))).toEqual({ "rollback.started": acceptedRollback(a, "worker:b") });
});

const NOT_HELD = "that image of worker:a is not held, or not good, any more";

test("a good image that is gone is rejected", async () => {
  await system.promoteAll(supervisor, ["b"]);
  system.runtime.removeImage("a");
  expect(await answerTo(rollbackTo(a))).toEqual(rejected(NOT_HELD));
});

test("an image that is here and not good is rejected", async () => {
  await system.promoteAll(supervisor, ["b"]);
  logEvent(system.db, null, EventType.RevisionQuarantined, {
    revision: "worker:a",
    image_id: "sha256:a",
    reason: "it hung",
  });
  expect(await answerTo(rollbackTo(a))).toEqual(rejected(NOT_HELD));
});

test("a good image older than the ones that are held is rejected", async () => {
  await system.promoteAll(supervisor, ["b", "c"]);
  expect(await answerTo(rollbackTo(a))).toEqual({ "rollback.started": acceptedRollback(a, "worker:c") });
  await system.promoteAll(supervisor, ["d"]);
  await system.promoteAll(supervisor, ["b", "c", "d"]);
  expect(await answerTo(rollbackTo(a))).toEqual(rejected(NOT_HELD));
});

const toA = rollbackTo({ revision: "worker:a", imageId: null });

test("a rollback to what runs already is rejected", async () => {
  expect(await answerTo(toA)).toEqual(rejected("worker:a is running already"));
});

test("a rollback to a worker that has ended starts it", async () => {
  system.wish("hold.requested");
  system.runtime.end(1);
  await supervisor.settle();
  expect(newestWorker(system.db)).toMatchObject({ exited: true, readyAt: expect.any(Number) });
  expect(await answerTo(toA)).toEqual({ "rollback.started": acceptedRollback(a, "worker:a") });
});

test("a rollback to a worker that is being stopped starts it again", async () => {
  const { instance } = newestWorker(system.db) ?? { instance: "" };
  performer.record(EventType.WorkerStopping, { instance, cause: "asked", reason: "a deploy" });
  expect(await answerTo(toA)).toEqual({ "rollback.started": acceptedRollback(a, "worker:a") });
});

test("a rollback to what is not ready yet is accepted: it would be tried as a rollback's target", async () => {
  system.runtime.end(1);
  await supervisor.settle();
  expect(newestWorker(system.db)).toMatchObject({ exited: false, readyAt: null });
  expect(await answerTo(toA)).toEqual({ "rollback.started": acceptedRollback(a, "worker:a") });
});

test("what is taken up is a deploy, and says whose wish it was", () => {
  takeUp(performer, b, 5);
  const named = { revision: "worker:b", image_id: "sha256:b", free_bytes: 10 ** 9 };
  expect(system.newest("deploy.started").payload).toEqual({ ...named, request_id: 5, reason: "requested" });
  takeUp(performer, b, null);
  expect(system.newest("deploy.started").payload).toEqual({ ...named, request_id: null, reason: "configured" });
  expect(wantedRevision(system.db)).toMatchObject({ ...b, by: "deploy", requestId: null });
});

test("a deploy that was promoted is decided: nothing supersedes it", () => {
  takeUp(performer, b, 5);
  expect(system.ofType("deploy.failed")).toEqual([]);
});

test("a deploy that is not decided yet ends as replaced, once", async () => {
  takeUp(performer, b, 5);
  takeUp(performer, c, 6);
  system.runtime.addImage("b");
  await answerRollback(performer, rollbackTo({ revision: "worker:b", imageId: null }));
  takeUp(performer, b, 7);
  expect(system.ofType("deploy.failed").map(({ payload }) => payload)).toEqual([
    {
      revision: "worker:b",
      image_id: "sha256:b",
      request_id: 5,
      reason: "replaced by the deploy of worker:c",
      replaced_by: 6,
    },
    {
      revision: "worker:c",
      image_id: "sha256:c",
      request_id: 6,
      reason: "replaced by the rollback to worker:b",
      replaced_by: REQUEST,
    },
  ]);
});

test("a rollback whose outcome is not known yet ends as replaced, too", () => {
  const { target_revision, from_revision, ...rest } = acceptedRollback(a, "worker:b");
  performer.record(EventType.RollbackStarted, { target_revision, from_revision, ...rest });
  takeUp(performer, c, 6);
  expect(system.ofType("rollback.attempted").map(({ payload }) => payload)).toEqual([
    {
      target_revision,
      from_revision,
      success: false,
      reason: "requested",
      request_id: REQUEST,
      error: "replaced by the deploy of worker:c",
      replaced_by: 6,
    },
  ]);
  expect(system.ofType("deploy.failed")).toEqual([]);
});

const reasonOf = () => system.newest("deploy.rejected").payload?.reason;

test("a rejection names the request, what it asked for, and why", () => {
  rejectDeploy(performer, deployRequest, "the disk is full");
  expect(system.newest("deploy.rejected").payload).toEqual({
    request_id: deployRequest.eventId,
    revision: "worker:b",
    reason: "the disk is full",
  });
});

test("a check that fails is told with its exit code and what it printed since it was created", async () => {
  const asked: unknown[] = [];
  system.runtime.logTail = async (...args) => {
    asked.push(args);
    return ["TELEGRAM_BOT_TOKEN: missing", "", "OPENAI_MODEL: missing"];
  };
  await rejectChecked(performer, deployRequest, { ...check, state: { ...ended, exitCode: 78 } });
  expect(reasonOf()).toBe("its check failed with 78: TELEGRAM_BOT_TOKEN: missing\nOPENAI_MODEL: missing");
  expect(asked).toEqual([[check.id, 40, check.createdAt]]);
});

test("a check that printed nothing is told by its exit code alone", async () => {
  system.runtime.logTail = async () => [" "];
  await rejectChecked(performer, deployRequest, { ...check, state: ended });
  expect(reasonOf()).toBe("its check failed with 1");
});

test("of what a check printed the last ten telling lines are told", () => {
  const lines = Array.from({ length: 12 }, (_, line) => `problem ${line + 1}`);
  expect(tellingLines([...lines, "  }", "Node.js v24.0.0"])).toEqual(lines.slice(2));
});
