import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "./event-log.ts";
import { EventType } from "./event-types.ts";
import { revisionHistory } from "./revision-history.ts";
import { type TemporaryDatabase, temporaryDatabase } from "./temporary-database.ts";

let temporary: TemporaryDatabase;
let supervisor: number;
beforeEach(() => {
  temporary = temporaryDatabase();
  const started = { role: "supervisor", pid: 1, version: "v" } as const;
  supervisor = logEvent(temporary.db, null, EventType.ProcessStarted, started);
});
afterEach(() => temporary.remove());

const named = (tag: string) => ({ revision: `worker:${tag}`, image_id: `sha256:${tag}` });
const ask = (tag: string) =>
  logEvent(temporary.db, null, EventType.DeployRequested, { by: "op@server", from: "cli", revision: `worker:${tag}` });
const accept = (tag: string, request_id: number | null) => {
  const reason = request_id === null ? "configured" : "requested";
  logEvent(temporary.db, supervisor, EventType.DeployStarted, { ...named(tag), request_id, reason });
};
const promote = (tag: string) => {
  const evidence = { ready_seconds: 60.2, instance: "1.1" };
  logEvent(temporary.db, null, EventType.RevisionPromoted, { ...named(tag), evidence });
};
const quarantine = (tag: string, reason: string) =>
  logEvent(temporary.db, supervisor, EventType.RevisionQuarantined, { ...named(tag), reason });
const goBack = (from: string, to: string, reason: string) =>
  logEvent(temporary.db, supervisor, EventType.RollbackStarted, {
    target_revision: `worker:${to}`,
    image_id: `sha256:${to}`,
    from_revision: `worker:${from}`,
    reason,
    request_id: null,
  });
const arrive = (from: string, to: string, reason: string) =>
  logEvent(temporary.db, supervisor, EventType.RollbackAttempted, {
    target_revision: `worker:${to}`,
    from_revision: `worker:${from}`,
    success: true,
    reason,
    request_id: null,
    error: null,
  });
const told = (limit = 10) =>
  revisionHistory(temporary.db, limit).map(({ kind, revision, askedBy, reason, outcome }) => [
    `${kind} of ${revision}`,
    askedBy ?? reason,
    outcome.reason === null ? outcome.kind : `${outcome.kind}: ${outcome.reason}`,
  ]);

test("a deploy that is promoted, one that fails, and the way back are told in turn, newest first", () => {
  accept("a", null);
  promote("a");
  accept("b", ask("b"));
  quarantine("b", "crash before it was ready");
  const payload = { ...named("b"), request_id: 4, reason: "crash before it was ready" };
  logEvent(temporary.db, supervisor, EventType.DeployFailed, payload);
  goBack("b", "a", "crash before it was ready");
  arrive("b", "a", "crash before it was ready");
  promote("a");
  expect(told()).toEqual([
    ["rollback of worker:a", "worker:b: crash before it was ready", "promoted: after 60 s of being ready"],
    ["deploy of worker:b", "op@server, cli", "quarantined: crash before it was ready"],
    ["deploy of worker:a", "the configured image, met for the first time", "promoted: after 60 s of being ready"],
  ]);
  expect(told(1)).toHaveLength(1);
});

test("what was rejected keeps the reason, and one that goes on is in progress", () => {
  const request_id = ask("c");
  const reason = "no image is called worker:c here";
  logEvent(temporary.db, supervisor, EventType.DeployRejected, { request_id, revision: "worker:c", reason });
  accept("d", ask("d"));
  expect(told()).toEqual([
    ["deploy of worker:d", "op@server, cli", "in progress"],
    ["deploy of worker:c", "op@server, cli", `rejected: ${reason}`],
  ]);
});

test("what was cancelled, or gave way to a newer request, is replaced, and a halt after it is not about it", () => {
  accept("a", null);
  promote("a");
  const early = ask("b");
  logEvent(temporary.db, supervisor, EventType.DeployRejected, {
    request_id: early,
    revision: "worker:b",
    reason: "cancelled",
    replaced_by: null,
  });
  const request_id = ask("c");
  accept("c", request_id);
  const reason = "superseded by the rollback to worker:a";
  logEvent(temporary.db, supervisor, EventType.DeployFailed, { ...named("c"), request_id, reason, replaced_by: 9 });
  logEvent(temporary.db, supervisor, EventType.SupervisorHalted, { reason: "nothing good is left" });
  expect(told().map(([what, , outcome]) => [what, outcome])).toEqual([
    ["deploy of worker:c", `replaced: ${reason}`],
    ["deploy of worker:b", "replaced: cancelled"],
    ["deploy of worker:a", "halted: nothing good is left"],
  ]);
});

test("a rollback that gave way to a newer request is replaced, and one that failed is not", () => {
  for (const replaced of [{ replaced_by: 7 }, {}]) {
    goBack("b", "a", "requested");
    logEvent(temporary.db, supervisor, EventType.RollbackAttempted, {
      target_revision: "worker:a",
      success: false,
      from_revision: "worker:b",
      reason: "requested",
      request_id: null,
      error: "superseded",
      ...replaced,
    });
  }
  expect(told().map(([, , outcome]) => outcome)).toEqual(["failed: superseded", "replaced: superseded"]);
});

test("a revision that was promoted and went bad later is quarantined, and with nothing to go back to it is a halt", () => {
  accept("a", null);
  promote("a");
  quarantine("a", "3 exits in a row");
  expect(told()[0]?.[2]).toBe("quarantined: 3 exits in a row");
  logEvent(temporary.db, supervisor, EventType.SupervisorHalted, { reason: "nothing good is left" });
  expect(told()[0]?.[2]).toBe("halted: nothing good is left");
});

test("a halt is that of the revision that ran, not of a deploy that was rejected since", () => {
  accept("a", null);
  promote("a");
  const rejected = { request_id: ask("c"), revision: "worker:c", reason: "no image is called worker:c here" };
  logEvent(temporary.db, supervisor, EventType.DeployRejected, rejected);
  logEvent(temporary.db, supervisor, EventType.SupervisorHalted, { reason: "nothing good is left" });
  expect(told().map(([turn, , outcome]) => [turn, outcome])).toEqual([
    ["deploy of worker:c", `rejected: ${rejected.reason}`],
    ["deploy of worker:a", "halted: nothing good is left"],
  ]);
});
