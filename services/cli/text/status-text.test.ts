import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { createFakeClock, type FakeClock } from "../../../shared/fake-clock.ts";
import { fakeExit } from "../../../shared/fake-exit.ts";
import type { ExitClass } from "../../../shared/payloads/supervisor-payloads.ts";
import { readStatus } from "../../../shared/status.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { plain } from "../output.ts";
import { statusLines } from "./status-text.ts";

const MINUTE = 60_000;

let temporary: TemporaryDatabase;
let clock: FakeClock;
let supervisor: number;
beforeEach(() => {
  temporary = temporaryDatabase();
  clock = createFakeClock(Date.UTC(2030, 0, 1));
  temporary.db.function("unixepoch", (_subsec) => clock.now() / 1000); // events are dated by the same clock
});
afterEach(() => temporary.remove());

const named = (tag: string) => ({ revision: `worker:${tag}`, image_id: `sha256:${tag}` });
const startSupervisor = () => {
  supervisor = logEvent(temporary.db, null, EventType.ProcessStarted, { role: "supervisor", pid: 1, version: "v" });
};
const deploy = (tag: string) =>
  logEvent(temporary.db, supervisor, EventType.DeployStarted, {
    ...named(tag),
    request_id: null,
    reason: "configured",
  });
const promote = (tag: string) =>
  logEvent(temporary.db, null, EventType.RevisionPromoted, {
    ...named(tag),
    evidence: { ready_seconds: 60, instance: "1.1" },
  });
const spawn = (tag: string, instance: string) =>
  logEvent(temporary.db, supervisor, EventType.WorkerSpawned, { ...named(tag), pid: 1, instance, container_id: "c" });
const becomeReady = (instance: string) => {
  const identity = { role: "worker", pid: 2, version: "v", instance } as const;
  const workerId = logEvent(temporary.db, supervisor, EventType.ProcessStarted, identity);
  logEvent(temporary.db, workerId, EventType.WorkerReady, { poll_ms: 1 });
  return workerId;
};
const exit = (tag: string, instance: string, exitClass: ExitClass) =>
  logEvent(
    temporary.db,
    supervisor,
    EventType.WorkerExited,
    fakeExit({ ...named(tag), instance, class: exitClass, log_tail: ["Error: no"] }),
  );
const rollBack = (from: string, to: string) =>
  logEvent(temporary.db, supervisor, EventType.RollbackStarted, {
    target_revision: `worker:${to}`,
    image_id: `sha256:${to}`,
    from_revision: `worker:${from}`,
    reason: "crash loop",
    request_id: null,
  });
const receive = (updateId: number, status: string) =>
  temporary.db.prepare("INSERT INTO inbox (bot_id, update_id, status) VALUES (1, ?, ?)").run(updateId, status);

const status = () => readStatus(temporary.db, clock.now());
const shown = (heartbeatAt: number | null = null) =>
  statusLines({ status: status(), heartbeatAt }, new Date(clock.now()), plain);

test("before anything ran the status is one clear sentence", () => {
  expect(shown()).toEqual(["Nothing has run here yet. Start the supervisor: it deploys the configured image."]);
});

test("a good day is told line by line", () => {
  startSupervisor();
  deploy("a");
  spawn("a", "1.1");
  clock.advance(MINUTE);
  becomeReady("1.1");
  clock.advance(MINUTE);
  promote("a");
  receive(1, "done");
  receive(2, "queued");
  clock.advance(3 * MINUTE);
  expect(shown()).toEqual([
    "wanted        worker:a, by deploy 5 min ago",
    "last good     worker:a",
    "worker        1.1 of worker:a, ready for 4 min",
    "exits         none in the last 24 h",
    "inbox         1 queued; the oldest without an answer came 3 min ago",
    "newest event  6 revision.promoted, 3 min ago",
  ]);
});

test("a crash loop in the middle of its rollback is told whole", () => {
  startSupervisor();
  deploy("a");
  promote("a");
  exit("a", "1.0", "asked");
  clock.advance(25 * 60 * MINUTE);
  deploy("b");
  spawn("b", "1.1");
  exit("b", "1.1", "crash");
  exit("b", "1.1", "crash");
  const rolledBackAt = new Date(clock.now());
  rollBack("b", "a");
  receive(1, "failed");
  clock.advance(MINUTE);
  logEvent(temporary.db, null, EventType.DeployRequested, { by: "op", from: "cli", revision: "worker:c" });
  const now = new Date(clock.now());
  expect(status()).toEqual({
    wanted: { revision: "worker:a", imageId: "sha256:a", by: "rollback", since: rolledBackAt },
    lastGood: { revision: "worker:a", imageId: "sha256:a" },
    worker: {
      instance: "1.1",
      revision: "worker:b",
      imageId: "sha256:b",
      state: { kind: "exited", since: rolledBackAt, class: "crash" },
      lastWords: ["Error: no"],
      cutOff: null,
    },
    inProgress: [
      { kind: "rollback", revision: "worker:a", since: rolledBackAt, reason: "from worker:b: crash loop" },
      { kind: "asked deploy", revision: "worker:c", since: now, reason: null },
    ],
    halted: null,
    stopped: false,
    onHold: false,
    exits: { crash: 2 },
    inbox: { failed: 1 },
    oldestWaiting: null,
    newestEvent: { id: 10, eventType: "deploy.requested", at: now },
  });
});

test("a deploy in progress and a worker on its way are told as such", () => {
  startSupervisor();
  deploy("a");
  spawn("a", "1.1");
  clock.advance(2_000);
  expect(shown().slice(2, 4)).toEqual([
    "worker        1.1 of worker:a, starting for 2 s",
    "in progress   deploy of worker:a, since 2 s",
  ]);
  logEvent(temporary.db, supervisor, EventType.WorkerStopping, { instance: "1.1", cause: "asked", reason: "deploy" });
  expect(shown()[2]).toBe("worker        1.1 of worker:a, stopping for 0 s");
});

test("a worker that ended on its own account is shown with what it said last, one that was stopped is not", () => {
  startSupervisor();
  deploy("a");
  spawn("a", "1.1");
  exit("a", "1.1", "configuration");
  expect(shown()[3]).toBe("it said       Error: no");
  spawn("a", "1.2");
  exit("a", "1.2", "stopped from outside");
  expect(status().worker?.lastWords).toEqual([]);
});

test("a worker that cannot reach its upstream says which, for how long, and why, until it can", () => {
  startSupervisor();
  spawn("a", "1.1");
  const worker = becomeReady("1.1");
  const outage = { upstream: "telegram", reason: "unreachable: ECONNREFUSED" } as const;
  logEvent(temporary.db, worker, EventType.UpstreamUnavailable, outage);
  clock.advance(5 * MINUTE);
  expect(shown()).toContain("cut off       from telegram for 5 min: unreachable: ECONNREFUSED");
  logEvent(temporary.db, worker, EventType.UpstreamAvailable, { upstream: "telegram", outage_ms: 5 * MINUTE });
  expect(status().worker?.cutOff).toBeNull();
});

test("a halt is told until something else is accepted", () => {
  startSupervisor();
  deploy("a");
  logEvent(temporary.db, supervisor, EventType.SupervisorHalted, { reason: "nothing good is left" });
  expect(status().halted).toBe("nothing good is left");
  deploy("b");
  expect(status().halted).toBeNull();
});

test("what an operator wished is shown until the opposite is wished", () => {
  startSupervisor();
  const wish = (type: "stop.requested" | "start.requested" | "hold.requested") =>
    logEvent(temporary.db, null, type, { by: "op", from: "cli" });
  wish("stop.requested");
  wish("hold.requested");
  expect(shown().join("\n")).toMatch(/stopped +by an operator, until lastgood start\non hold +by an operator/);
  wish("start.requested");
  expect(status()).toMatchObject({ stopped: false, onHold: true });
});

test("a ready worker whose heartbeat stands still is not shown as one that gets on", () => {
  startSupervisor();
  deploy("a");
  spawn("a", "1.1");
  becomeReady("1.1");
  clock.advance(MINUTE);
  expect(shown(clock.now() - MINUTE).join("\n")).toMatch(/^heartbeat +has not moved for 1 min$/m);
  expect(shown(clock.now() - 5000).join("\n")).not.toContain("heartbeat");
});
