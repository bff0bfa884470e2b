import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "./event-log.ts";
import { EventType } from "./event-types.ts";
import {
  currentGoodRevision,
  goodRevisions,
  isDecided,
  isHalted,
  isOnHold,
  isPromotedSince,
  isQuarantined,
  isStopped,
  nextWorkerSequence,
  openRollback,
  pendingRequest,
  wantedRevision,
  wasConfiguredBefore,
} from "./state.ts";
import { type TemporaryDatabase, temporaryDatabase } from "./temporary-database.ts";

let temporary: TemporaryDatabase;
let supervisor: number;
beforeEach(() => {
  temporary = temporaryDatabase();
  supervisor = startSupervisor();
});
afterEach(() => temporary.remove());

const startSupervisor = () =>
  logEvent(temporary.db, null, EventType.ProcessStarted, { role: "supervisor", pid: 1, version: "v" });
const named = (tag: string) => ({ revision: `worker:${tag}`, image_id: `sha256:${tag}` });
const revision = (tag: string) => ({ revision: `worker:${tag}`, imageId: `sha256:${tag}` });
const promote = (tag: string) =>
  logEvent(temporary.db, null, EventType.RevisionPromoted, {
    ...named(tag),
    evidence: { ready_seconds: 60, instance: "1.1" },
  });
const quarantine = (tag: string) =>
  logEvent(temporary.db, supervisor, EventType.RevisionQuarantined, { ...named(tag), reason: "crash loop" });
const deploy = (tag: string, requestId: number | null = null) =>
  logEvent(temporary.db, supervisor, EventType.DeployStarted, {
    ...named(tag),
    request_id: requestId,
    reason: requestId === null ? "configured" : "requested",
  });
const rollBack = (from: string, to: string) =>
  logEvent(temporary.db, supervisor, EventType.RollbackStarted, {
    target_revision: `worker:${to}`,
    image_id: `sha256:${to}`,
    from_revision: `worker:${from}`,
    reason: "crash loop",
    request_id: null,
  });
const spawn = (parent: number, instance: string) =>
  logEvent(temporary.db, parent, EventType.WorkerSpawned, { ...named("a"), pid: 1, instance, container_id: instance });

test("before the first promotion no revision is good", () => {
  expect(currentGoodRevision(temporary.db)).toBeNull();
});

test("the newest promotion is the last good revision", () => {
  promote("a");
  promote("b");
  expect(currentGoodRevision(temporary.db)).toEqual(revision("b"));
});

test("a later quarantine takes a revision out, and a later promotion brings it back", () => {
  promote("a");
  promote("b");
  quarantine("b");
  expect(currentGoodRevision(temporary.db)).toEqual(revision("a"));
  expect(isQuarantined(temporary.db, "sha256:b")).toBe(true);
  promote("b");
  expect(currentGoodRevision(temporary.db)).toEqual(revision("b"));
  expect(isQuarantined(temporary.db, "sha256:b")).toBe(false);
});

test("a quarantine goes by the image, not by the tag", () => {
  promote("a");
  logEvent(temporary.db, supervisor, EventType.RevisionQuarantined, {
    revision: "worker:a",
    image_id: "sha256:moved",
    reason: "crash loop",
  });
  expect(currentGoodRevision(temporary.db)).toEqual(revision("a"));
});

test("good revisions come newest first, each once", () => {
  for (const tag of ["a", "b", "a", "c"]) promote(tag);
  expect(goodRevisions(temporary.db, 2)).toEqual([revision("c"), revision("a")]);
});

test("workers are numbered from one under each supervisor", () => {
  expect(nextWorkerSequence(temporary.db, supervisor)).toBe(1);
  spawn(supervisor, "1.1");
  spawn(supervisor, "1.2");
  expect(nextWorkerSequence(temporary.db, supervisor)).toBe(3);
  expect(nextWorkerSequence(temporary.db, startSupervisor())).toBe(1);
});

test("wanted is what was accepted last, by deploy or by rollback", () => {
  expect(wantedRevision(temporary.db)).toBeNull();
  deploy("a");
  const accepted = deploy("b");
  expect(wantedRevision(temporary.db)).toMatchObject({ ...revision("b"), by: "deploy", eventId: accepted });
  rollBack("b", "a");
  expect(wantedRevision(temporary.db)).toMatchObject({ ...revision("a"), by: "rollback" });
  deploy("c");
  expect(wantedRevision(temporary.db)).toMatchObject({ ...revision("c"), by: "deploy" });
});

test("a rollback is wanted also where the log has no deploy", () => {
  rollBack("b", "a");
  expect(wantedRevision(temporary.db)).toMatchObject({ ...revision("a"), by: "rollback" });
});

const accept = (tag: string) => {
  deploy(tag);
  const accepted = wantedRevision(temporary.db);
  if (!accepted) throw new Error("a deploy was accepted");
  return accepted;
};
const failDeploy = (tag: string) =>
  logEvent(temporary.db, supervisor, EventType.DeployFailed, { ...named(tag), request_id: null, reason: "crash" });
const halt = () => logEvent(temporary.db, supervisor, EventType.SupervisorHalted, { reason: "nothing good is left" });

test("a deploy is decided once it was promoted or has failed, and an earlier one's end decides nothing", () => {
  failDeploy("a");
  promote("b");
  const b = accept("b");
  expect(isDecided(temporary.db, b)).toBe(false);
  promote("b");
  expect(isDecided(temporary.db, b)).toBe(true);
  const c = accept("c");
  expect(isDecided(temporary.db, c)).toBe(false);
  failDeploy("c");
  expect(isDecided(temporary.db, c)).toBe(true);
});

test("a halt is about what was accepted before it, and a probation that is passed after it ends it", () => {
  const a = accept("a");
  expect(isHalted(temporary.db, a)).toBe(false);
  promote("a");
  halt();
  expect(isHalted(temporary.db, a)).toBe(true);
  expect(isHalted(temporary.db, accept("b"))).toBe(false);
  promote("a");
  expect(isHalted(temporary.db, a)).toBe(false);
});

test("a promotion stands until the revision is quarantined", () => {
  const a = accept("a");
  promote("a");
  quarantine("a");
  expect([isPromotedSince(temporary.db, a), isDecided(temporary.db, a)]).toEqual([false, true]);
});

test("a rollback is open until its outcome is recorded", () => {
  expect(openRollback(temporary.db)).toBeNull();
  const eventId = rollBack("b", "a");
  const open = { eventId, target: revision("a"), from: "worker:b", reason: "crash loop", requestId: null };
  expect(openRollback(temporary.db)).toEqual(open);
  logEvent(temporary.db, supervisor, EventType.RollbackAttempted, {
    target_revision: "worker:a",
    from_revision: "worker:b",
    success: true,
    reason: "crash loop",
    request_id: null,
    error: null,
  });
  expect(openRollback(temporary.db)).toBeNull();
  const next = rollBack("c", "a");
  expect(openRollback(temporary.db)?.eventId).toBe(next);
});

test("a stop or a hold stands until the opposite wish", () => {
  const wish = (type: "stop.requested" | "start.requested" | "hold.requested" | "unhold.requested") =>
    logEvent(temporary.db, null, type, { by: "op", from: "cli" });
  const stands = () => ({ stopped: isStopped(temporary.db), onHold: isOnHold(temporary.db) });
  expect(stands()).toEqual({ stopped: false, onHold: false });
  wish("stop.requested");
  expect(stands()).toEqual({ stopped: true, onHold: false });
  wish("hold.requested");
  wish("start.requested");
  expect(stands()).toEqual({ stopped: false, onHold: true });
  wish("unhold.requested");
  expect(stands()).toEqual({ stopped: false, onHold: false });
});

test("an image counts as configured before only if the configuration brought it", () => {
  deploy("a");
  deploy("b", supervisor);
  expect(wasConfiguredBefore(temporary.db, "sha256:a")).toBe(true);
  expect(wasConfiguredBefore(temporary.db, "sha256:b")).toBe(false);
});

test("requests are answered oldest first, each once", () => {
  const asked = { by: "op", from: "cli" } as const;
  const first = logEvent(temporary.db, null, EventType.DeployRequested, { ...asked, revision: "worker:b" });
  const second = logEvent(temporary.db, null, EventType.RollbackRequested, { ...asked, revision: null });
  expect(pendingRequest(temporary.db)).toEqual({ eventId: first, kind: "deploy", revision: "worker:b", imageId: null });
  deploy("b", first);
  expect(pendingRequest(temporary.db)).toEqual({ eventId: second, kind: "rollback", revision: null, imageId: null });
  logEvent(temporary.db, supervisor, EventType.RollbackRejected, { request_id: second, reason: "nothing earlier" });
  expect(pendingRequest(temporary.db)).toBeNull();
});

test("a promotion counts for an accepted revision only when it came after", () => {
  promote("a");
  deploy("a");
  const accepted = wantedRevision(temporary.db);
  if (!accepted) throw new Error("a deploy was accepted");
  expect(isPromotedSince(temporary.db, accepted)).toBe(false);
  promote("b");
  expect(isPromotedSince(temporary.db, accepted)).toBe(false);
  promote("a");
  expect(isPromotedSince(temporary.db, accepted)).toBe(true);
});
