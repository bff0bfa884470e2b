import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import type { ExitClass } from "../../shared/payloads/supervisor-payloads.ts";
import { isQuarantined, openRollback, type Revision, wantedRevision } from "../../shared/state.ts";
import { a, b, c } from "./fake-observation.ts";
import { performerOf } from "./fake-performer.ts";
import { createFakeSystem, type FakeSystem } from "./fake-system.ts";
import type { Performer } from "./performer.ts";
import { NEVER_RAN, recordExit } from "./record.ts";
import { goBack, halt, settleRollback } from "./rollback.ts";
import type { Verdict } from "./verdict.ts";

let system: FakeSystem;
let performer: Performer;
beforeEach(() => {
  system = createFakeSystem();
  performer = performerOf(system, system.startSupervisor());
});
afterEach(() => system.remove());

const verdict: Verdict = { kind: "failed probation", reason: "crash before it was ready" };
const loop: Verdict = { kind: "crash loop", reason: "3 exits in a row" };

function deployOf({ revision, imageId }: Revision, requestId: number) {
  performer.record(EventType.DeployStarted, {
    revision,
    image_id: imageId,
    request_id: requestId,
    reason: "requested",
  });
  return wanted();
}

function wanted() {
  const accepted = wantedRevision(system.db);
  if (!accepted) throw new Error("nothing is wanted");
  return accepted;
}

function promote({ revision, imageId }: Revision) {
  const evidence = { ready_seconds: 60, instance: "1.1" };
  performer.record(EventType.RevisionPromoted, { revision, image_id: imageId, evidence }, null);
}

/** Returns the event's id. */
function exit(revision: Revision, exitClass: ExitClass): number {
  const exitCode = exitClass === "configuration" ? 78 : 1;
  recordExit(performer, { ...NEVER_RAN, ...revision, instance: "1.1", exitCode, removed: exitClass === "removed" });
  return system.newest("worker.exited").id;
}

const payloadsOf = (type: string) => system.ofType(type).map(({ payload }) => payload);

test("a deploy that is given up is quarantined and has failed, and the good one is started instead, in this order", () => {
  const seen = deployOf(b, 5);
  const before = system.types().length;
  goBack(performer, { kind: "go back", wanted: seen, verdict, to: a });
  expect(system.types().slice(before)).toEqual(["revision.quarantined", "deploy.failed", "rollback.started"]);
  const named = { revision: "worker:b", image_id: "sha256:b", reason: verdict.reason };
  expect(payloadsOf("revision.quarantined")).toEqual([named]);
  expect(payloadsOf("deploy.failed")).toEqual([{ ...named, request_id: 5 }]);
  expect(payloadsOf("rollback.started")).toEqual([
    {
      target_revision: "worker:a",
      image_id: "sha256:a",
      from_revision: "worker:b",
      reason: verdict.reason,
      request_id: null,
    },
  ]);
  expect(wanted()).toMatchObject({ ...a, by: "rollback", requestId: null });
});

test("giving up and going back are one fact: a supervisor that dies between them has done neither", () => {
  const seen = deployOf(b, 5);
  const before = system.types();
  const dying: Performer = {
    ...performer,
    record(type, payload, parentId) {
      if (type === EventType.RollbackStarted) throw new Error("killed");
      return performer.record(type, payload, parentId);
    },
  };
  expect(() => goBack(dying, { kind: "go back", wanted: seen, verdict, to: a })).toThrow("killed");
  expect(system.types()).toEqual(before);
});

test("so are giving up and halting", () => {
  const seen = deployOf(b, 5);
  const before = system.types();
  const dying: Performer = {
    ...performer,
    record(type, payload, parentId) {
      if (type === EventType.SupervisorHalted) throw new Error("killed");
      return performer.record(type, payload, parentId);
    },
  };
  expect(() => halt(dying, { kind: "halt", wanted: seen, verdict, reason: "nothing is left" })).toThrow("killed");
  expect(system.types()).toEqual(before);
});

test("a halt says why there is nothing to go back to; what was given up stays wanted", () => {
  const seen = deployOf(b, 5);
  halt(performer, { kind: "halt", wanted: seen, verdict, reason: "no good revision is left to go back to" });
  expect(payloadsOf("supervisor.halted")).toEqual([{ reason: "no good revision is left to go back to" }]);
  expect(payloadsOf("deploy.failed")).toHaveLength(1);
  expect(isQuarantined(system.db, "sha256:b")).toBe(true);
  expect(wanted()).toEqual(seen);
});

test("a deploy that was promoted has not failed when it is given up later", () => {
  const seen = deployOf(b, 5);
  promote(b);
  goBack(performer, { kind: "go back", wanted: seen, verdict, to: a });
  expect(payloadsOf("deploy.failed")).toEqual([]);
});

test("a rollback's target that is given up is no failed deploy: its rollback has not helped, and says why", () => {
  const request = { target_revision: "worker:b", image_id: "sha256:b", from_revision: "worker:c", request_id: 8 };
  performer.record(EventType.RollbackStarted, { ...request, reason: "requested" });
  goBack(performer, { kind: "go back", wanted: wanted(), verdict, to: a });
  expect(payloadsOf("deploy.failed")).toEqual([]);
  expect(payloadsOf("rollback.attempted")).toEqual([
    {
      target_revision: "worker:b",
      success: false,
      from_revision: "worker:c",
      reason: "requested",
      request_id: 8,
      error: verdict.reason,
    },
  ]);
  expect(openRollback(system.db)?.target).toEqual(a);
});

test("a rollback that is settled already is not settled again when its target is given up", () => {
  performer.record(EventType.RollbackStarted, {
    target_revision: "worker:b",
    image_id: "sha256:b",
    from_revision: "worker:c",
    reason: "requested",
    request_id: 8,
  });
  const rollback = openRollback(system.db);
  if (!rollback) throw new Error("no rollback is open");
  settleRollback(performer, rollback, { error: null });
  expect(payloadsOf("rollback.attempted")).toMatchObject([{ success: true, error: null, request_id: 8 }]);
  goBack(performer, { kind: "go back", wanted: wanted(), verdict, to: a });
  expect(payloadsOf("rollback.attempted")).toHaveLength(1);
});

test("a crash loop names the exits that it consists of, the newest first, and no other", () => {
  exit(b, "crash");
  const seen = deployOf(b, 5);
  exit(b, "crash");
  const third = exit(b, "crash");
  exit(b, "configuration");
  const second = exit(b, "crash");
  exit(c, "crash");
  exit(b, "removed");
  const first = exit(b, "crash");
  goBack(performer, { kind: "go back", wanted: seen, verdict: loop, to: a });
  expect(payloadsOf("crash_loop.detected")).toEqual([
    { threshold: 3, window_seconds: 60, revision: "worker:b", exits: [first, second, third] },
  ]);
});

test("what is given up for another reason is called no crash loop", () => {
  const seen = deployOf(b, 5);
  for (let crashes = 0; crashes < 3; crashes += 1) exit(b, "crash");
  goBack(performer, { kind: "go back", wanted: seen, verdict, to: a });
  expect(payloadsOf("crash_loop.detected")).toEqual([]);
});

test("a request that was answered long ago does not make this deploy a decided one", () => {
  logEvent(system.db, null, EventType.DeployFailed, {
    revision: "worker:c",
    image_id: "sha256:c",
    request_id: 4,
    reason: "superseded",
  });
  const seen = deployOf(b, 5);
  goBack(performer, { kind: "go back", wanted: seen, verdict, to: a });
  expect(payloadsOf("deploy.failed")).toMatchObject([{ request_id: 4 }, { request_id: 5 }]);
});
