import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { tryLock } from "../database.ts";
import { logEvent } from "../event-log.ts";
import { EventType } from "../event-types.ts";
import { fakeExit } from "../fake-exit.ts";
import { readStatusWithoutInbox } from "../status.ts";
import { temporaryDatabase } from "../temporary-database.ts";
import { answersOf } from "./requests-directory.ts";
import { readSupervisorView, supervisorLockOf, supervisorRuns, writeSupervisorView } from "./supervisor-view.ts";
import { temporaryRequests } from "./temporary-requests.ts";

test("how the supervisor sees the moment comes back as it was written, and what is broken is none", () => {
  const { db, remove } = temporaryDatabase();
  const requests = temporaryRequests();
  const a = { revision: "worker:a", image_id: "sha256:a" };
  const see = () => ({
    at: 5,
    pid: 7,
    version: "v",
    status: readStatusWithoutInbox(db, Date.now()),
    mirror: { behind: 2, problem: "it is locked" },
  });
  expect(readSupervisorView(requests.directory)).toBeNull();
  writeSupervisorView(requests.directory, see());
  expect(readSupervisorView(requests.directory)).toEqual(see());
  logEvent(db, null, EventType.DeployStarted, { ...a, request_id: null, reason: "configured" });
  logEvent(db, null, EventType.WorkerSpawned, { ...a, pid: 1, instance: "1.1", container_id: "c" });
  writeSupervisorView(requests.directory, see());
  expect(readSupervisorView(requests.directory)).toEqual(see());
  logEvent(db, null, EventType.WorkerExited, fakeExit({ ...a, instance: "1.1", log_tail: ["it said this"] }));
  logEvent(db, null, EventType.SupervisorHalted, { reason: "nothing good is left" });
  logEvent(db, null, EventType.DeployRequested, { by: "op", from: "cli", revision: "worker:b" });
  writeSupervisorView(requests.directory, see());
  expect(readSupervisorView(requests.directory)).toEqual(see());
  for (const text of ["", "{}", JSON.stringify({ ...see(), status: {} })]) {
    writeFileSync(join(answersOf(requests.directory), "supervisor.json"), text);
    expect(readSupervisorView(requests.directory)).toBeNull();
  }
  requests.remove();
  remove();
});

test("a supervisor runs while it holds its lock", () => {
  const requests = temporaryRequests();
  expect(supervisorRuns(requests.directory)).toBe(false);
  const lock = tryLock(supervisorLockOf(requests.directory));
  expect(supervisorRuns(requests.directory)).toBe(true);
  lock?.release();
  expect(supervisorRuns(requests.directory)).toBe(false);
  requests.remove();
});
