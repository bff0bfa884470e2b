import { silentLogger } from "../../shared/logging.ts";
import { type FakeSupervisor, type FakeSystem, policy } from "./fake-system.ts";
import { createRecorder, type Performer } from "./performer.ts";

/** What a supervisor of the system carries out its steps with, for tests of a single step. */
export function performerOf(
  { db, runtime, clock, shared }: FakeSystem,
  { id: supervisorId }: FakeSupervisor,
): Performer {
  const record = createRecorder(db, silentLogger, supervisorId);
  return {
    db,
    shared,
    runtime,
    supervisorId,
    startedAt: clock.now(),
    policy,
    record,
    freeBytes: () => 10 ** 9,
    clearHeartbeat: () => {},
  };
}
