import { expect, test } from "@jest/globals";
import { workerSettings } from "../services/worker/settings.ts";
import { WORKER_SETTING_NAMES } from "../shared/worker-setting-names.ts";

/** What the supervisor tells each worker by itself. */
const GIVEN_BY_SUPERVISOR = ["STATE_DIR", "PARENT_PROCESS_ID", "WORKER_INSTANCE"];

test("the supervisor gives a worker the settings that the worker reads", () => {
  expect([...WORKER_SETTING_NAMES, ...GIVEN_BY_SUPERVISOR].sort()).toEqual(Object.keys(workerSettings).sort());
});
