import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import type { ExitClass } from "../../shared/payloads/supervisor-payloads.ts";
import type { Revision } from "../../shared/state.ts";
import { newestWorker } from "../../shared/worker-state.ts";
import { a, b, c } from "./fake-observation.ts";
import { createFakeSystem, type FakeSupervisor, type FakeSystem, policy } from "./fake-system.ts";
import { observe, type Watched } from "./observe.ts";

const calmly = { leaving: false, booting: false };
const booting = { leaving: false, booting: true };

let system: FakeSystem;
let supervisor: FakeSupervisor;
let watched: Watched;
/** Whose heartbeat was asked for; it is stale for 5 ms. */
let heartbeatsOf: (string | null)[];
beforeEach(() => {
  system = createFakeSystem();
  supervisor = system.startSupervisor();
  heartbeatsOf = [];
  watched = {
    db: system.db,
    runtime: system.runtime,
    clock: system.clock,
    supervisorId: supervisor.id,
    heartbeat: {
      staleMs(runningId) {
        heartbeatsOf.push(runningId);
        return 5;
      },
    },
    shared: system.shared,
    soundings: { staleMs: () => 7 },
    freeBytes: () => 1234,
    configured: "worker:a",
  };
});
afterEach(() => system.remove());

function quarantine({ revision, imageId }: Revision) {
  logEvent(system.db, null, EventType.RevisionQuarantined, { revision, image_id: imageId, reason: "it hung" });
}

/** The newest worker, of that image, is recorded as ended. */
function exit({ revision, imageId }: Revision, exitClass: ExitClass, readySeconds: number | null = null) {
  return logEvent(system.db, null, EventType.WorkerExited, {
    revision,
    image_id: imageId,
    instance: newestWorker(system.db)?.instance ?? "1.1",
    process_id: null,
    class: exitClass,
    exit_code: 1,
    signal: null,
    oom: false,
    uptime_seconds: 1,
    ready_seconds: readySeconds,
    error: null,
    log_tail: [],
  });
}

test("before anything has happened nothing is known, and the configured image is to be taken up", async () => {
  expect(await observe(watched, calmly)).toMatchObject({
    now: system.clock.now(),
    supervisorId: supervisor.id,
    leaving: false,
    stopped: false,
    onHold: false,
    container: null,
    strays: [],
    nameTaken: null,
    worker: null,
    outageMs: 0,
    wanted: null,
    exits: [],
    promoted: false,
    predecessorPolled: false,
    halted: false,
    lastExit: null,
    restartScheduled: false,
    good: [],
    incident: { rollbacks: [] },
    rollback: null,
    configured: a,
    deploy: null,
    rollbackRequest: null,
    check: null,
  });
});

test("of a promoted worker that runs, engine and log are seen together", async () => {
  await system.promote(supervisor);
  expect(await observe(watched, { ...calmly, leaving: true })).toMatchObject({
    leaving: true,
    container: { id: "container-1", state: { kind: "running" } },
    worker: { instance: "1.1", exited: false, readyAt: expect.any(Number) },
    heartbeatStaleMs: 5,
    wanted: { ...a, by: "deploy" },
    promoted: true,
    halted: false,
    good: [a],
    present: new Set(["sha256:a"]),
    held: new Set(["sha256:a"]),
    configured: null,
  });
});

test("an operator's stop and hold are seen until the opposite is wished for", async () => {
  system.wish("stop.requested");
  system.wish("hold.requested");
  expect(await observe(watched, calmly)).toMatchObject({ stopped: true, onHold: true });
  system.wish("start.requested");
  system.wish("unhold.requested");
  expect(await observe(watched, calmly)).toMatchObject({ stopped: false, onHold: false });
});

test("whose heartbeat counts is the running worker's, and nobody's while it is paused or gone", async () => {
  await supervisor.settle();
  await observe(watched, calmly);
  system.runtime.pause();
  await observe(watched, calmly);
  system.runtime.vanish();
  await observe(watched, calmly);
  expect(heartbeatsOf).toEqual(["container-1", null, null]);
});

test("an outage counts that the worker's own process met", async () => {
  await system.promote(supervisor);
  const { processId } = newestWorker(system.db) ?? {};
  const outage = { upstream: "telegram", reason: "502" } as const;
  logEvent(system.db, supervisor.id, EventType.UpstreamUnavailable, outage);
  system.clock.advance(3000);
  expect((await observe(watched, calmly)).outageMs).toBe(0);
  logEvent(system.db, processId ?? null, EventType.UpstreamUnavailable, outage);
  system.clock.advance(2000);
  expect((await observe(watched, calmly)).outageMs).toBe(2000);
});

test("only the exits of what is wanted, since it was accepted, are its own; the newest of all is seen besides", async () => {
  await system.promoteAll(supervisor, ["a", "b"]);
  const own = exit(b, "crash", 10);
  const other = exit(c, "hang");
  const seen = await observe(watched, calmly);
  expect(seen.exits.map(({ eventId, imageId }) => [eventId, imageId])).toEqual([[own, "sha256:b"]]);
  expect(seen.lastExit).toMatchObject({ eventId: other, class: "hang" });
});

test("whether the predecessor had been polling is seen of what is wanted now", async () => {
  await system.promote(supervisor);
  expect((await observe(watched, calmly)).predecessorPolled).toBe(false);
  system.runtime.addImage("b");
  system.deploy("b");
  await supervisor.settle();
  expect((await observe(watched, calmly)).predecessorPolled).toBe(true);
});

test("a delayed restart was announced only if that was after the newest exit", async () => {
  const announce = () => logEvent(system.db, supervisor.id, EventType.RestartScheduled, { delay_ms: 1000, attempt: 2 });
  announce();
  expect((await observe(watched, calmly)).restartScheduled).toBe(false);
  exit(a, "crash");
  expect((await observe(watched, calmly)).restartScheduled).toBe(false);
  announce();
  expect((await observe(watched, calmly)).restartScheduled).toBe(true);
});

test("of good images it is seen which are here, the wanted one's included", async () => {
  await system.promoteAll(supervisor, ["a", "b"]);
  system.runtime.addImage("c");
  system.deploy("c");
  await supervisor.settle();
  system.runtime.removeImage("a");
  const seen = await observe(watched, calmly);
  expect(seen.good).toEqual([b, a]);
  expect(seen.present).toEqual(new Set(["sha256:c", "sha256:b"]));
});

test("a deploy is seen with its image, its pull and how much room there is; a rollback is another thing", async () => {
  await system.promote(supervisor);
  const request = { eventId: system.deploy("b"), kind: "deploy", revision: "worker:b", imageId: null } as const;
  system.runtime.pull("worker:b");
  const failed = { kind: "failed", reason: "the registry does not know it" };
  const missing = await observe(watched, calmly);
  expect(missing.deploy).toEqual({ request, image: null, pull: failed, freeBytes: 1234, superseding: null });
  expect(missing.rollbackRequest).toBeNull();
  system.runtime.addImage("b");
  const here = await observe(watched, calmly);
  const none = { kind: "none" };
  expect(here.deploy).toEqual({ request, image: b, pull: none, freeBytes: 1234, superseding: null });
});

test("a rollback that waits is seen, and is no deploy", async () => {
  await system.promote(supervisor);
  const request = system.rollBack(null);
  const seen = await observe(watched, calmly);
  expect(seen.rollbackRequest).toMatchObject({ eventId: request, kind: "rollback", revision: null });
  expect(seen.deploy).toBeNull();
});

test("after a step that changed nothing in the engine it is not asked again, and the log is read anew", async () => {
  await system.promote(supervisor);
  const before = await observe(watched, calmly);
  system.runtime.vanish();
  exit(a, "removed");
  const { container, worker, present } = await observe(watched, calmly, before);
  expect({ container, present }).toEqual({ container: before.container, present: before.present });
  expect(worker?.exited).toBe(true);
});

/** The configured tag means another image by now, which was never taken up. */
async function moved(): Promise<Revision> {
  await system.promote(supervisor);
  return system.runtime.addImage("a", "sha256:new");
}

const configured = async (moment = calmly) => (await observe(watched, moment)).configured;

test("a configured tag that moves while all is well changes nothing; the next start of the supervisor takes it up", async () => {
  const image = await moved();
  expect(await configured()).toBeNull();
  expect(await configured(booting)).toEqual(image);
});

test.each(["removed", "stopped from outside"] as const)(
  "it is taken up when the worker was %s, as compose does, and not before its container is gone",
  async (exitClass) => {
    const image = await moved();
    exit(a, exitClass);
    expect(await configured()).toBeNull();
    system.runtime.vanish();
    expect(await configured()).toEqual(image);
  },
);

test.each(["asked", "crash", "host went away"] as const)("an exit of class %s takes up nothing", async (exitClass) => {
  await moved();
  exit(a, exitClass);
  system.runtime.vanish();
  expect(await configured()).toBeNull();
});

test("in a halt a new image of the configured tag is taken up", async () => {
  const image = await moved();
  quarantine(a);
  logEvent(system.db, supervisor.id, EventType.SupervisorHalted, { reason: "nothing is left" });
  expect(await observe(watched, calmly)).toMatchObject({ halted: true, configured: image });
});

test("what the configuration named before is not taken up once more", async () => {
  await moved();
  system.runtime.addImage("a", "sha256:a");
  expect(await configured(booting)).toBeNull();
});

test("what is quarantined is not taken up", async () => {
  quarantine(await moved());
  expect(await configured(booting)).toBeNull();
});

test("an image that is not here cannot be taken up", async () => {
  system.runtime.removeImage("a");
  expect(await configured(booting)).toBeNull();
});

test("what was given up with nothing to go back to is halted, until a probe of it passes its probation", async () => {
  await system.promote(supervisor);
  await system.crash(supervisor, 4);
  expect((await observe(watched, calmly)).halted).toBe(true);
  system.clock.advance(policy.haltProbeMs);
  await system.promote(supervisor);
  expect(await observe(watched, calmly)).toMatchObject({ halted: false, promoted: true });
});
