import { expect, test } from "@jest/globals";
import { logEvent } from "../../../../shared/event-log.ts";
import { EventType } from "../../../../shared/event-types.ts";
import { readStatus } from "../../../../shared/status.ts";
import { temporaryDatabase } from "../../../../shared/temporary-database.ts";
import { facts } from "./facts.ts";

test("the heartbeat of the worker before is not taken for that of one that starts", async () => {
  const { db, remove } = temporaryDatabase();
  const spawned = { revision: "worker:b", image_id: "sha256:b", pid: 1, instance: "1.2", container_id: "c" };
  logEvent(db, null, EventType.WorkerSpawned, spawned);
  const now = Date.now();
  const status = readStatus(db, now);
  const startedAt = status?.worker?.state.since.getTime() ?? 0;
  const shown = async (heartbeatAt: number) => String(await facts(status, heartbeatAt, now));
  expect(await shown(startedAt - 1)).toContain("No heartbeat yet");
  expect(await shown(startedAt + 1)).not.toContain("No heartbeat yet");
  remove();
});
