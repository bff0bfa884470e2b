import { rmSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { createFakeClock } from "../../shared/fake-clock.ts";
import { silentLogger } from "../../shared/logging.ts";
import { answersOf, makeRequestsDirectory } from "../../shared/requests/requests-directory.ts";
import { readSupervisorView } from "../../shared/requests/supervisor-view.ts";
import { temporaryRequests } from "../../shared/requests/temporary-requests.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../shared/temporary-database.ts";
import { createFakeSharedLog, type FakeSharedLog } from "./fake-shared-log.ts";
import { createMomentTeller } from "./tell-of-the-moment.ts";

let requests: ReturnType<typeof temporaryRequests>;
let temporary: TemporaryDatabase;
let clock: ReturnType<typeof createFakeClock>;
let shared: FakeSharedLog;
let tell: () => void;
beforeEach(() => {
  requests = temporaryRequests();
  temporary = temporaryDatabase();
  clock = createFakeClock();
  shared = createFakeSharedLog();
  const ports = { journal: temporary.db, clock, log: silentLogger, shared };
  tell = createMomentTeller(ports, { pid: 5, version: "v" }, requests.directory);
});
afterEach(() => {
  temporary.remove();
  requests.remove();
});

const view = () => readSupervisorView(requests.directory);

test("the moment is told with what is wrong with the shared file, and written again only when it changes", () => {
  tell();
  const first = view();
  expect(first).toMatchObject({
    pid: 5,
    version: "v",
    mirror: { behind: 0, problem: null },
    status: { stopped: false },
  });
  clock.advance(5000);
  tell();
  expect(view()?.at).toBe(first?.at);
  shared.show({ trouble: { kind: "locked", reason: "somebody holds it" }, behind: 3 });
  tell();
  expect(view()).toMatchObject({ at: clock.now(), mirror: { behind: 3, problem: "somebody holds it" } });
  logEvent(temporary.db, null, EventType.StopRequested, { by: "op", from: "cli" });
  tell();
  expect(view()?.status.stopped).toBe(true);
});

test("what could not be written is tried again, though nothing has changed", () => {
  rmSync(answersOf(requests.directory), { recursive: true });
  tell();
  makeRequestsDirectory(requests.directory);
  expect(view()).toBeNull();
  tell();
  expect(view()).not.toBeNull();
});
