import { processSettings, text, wholeNumber } from "../../shared/config.ts";

export const workerSettings = {
  ...processSettings,
  PARENT_PROCESS_ID: wholeNumber({ about: "The supervisor's process.started; given by it.", default: 0 }),
  WORKER_INSTANCE: text({ about: "The name of this start of a worker; given by the supervisor.", default: "0.0" }),
};
