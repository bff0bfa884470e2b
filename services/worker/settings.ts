import { choice, text, wholeNumber } from "../../shared/config.ts";

export const workerSettings = {
  STATE_DIR: text({ about: "The directory of the database, on the shared volume.", default: "/state" }),
  LOG_LEVEL: choice({
    about: "How much the processes log.",
    choices: ["debug", "info", "warn", "error"],
    default: "info",
  }),
  PARENT_PROCESS_ID: wholeNumber({ about: "The supervisor's process.started; given by it.", default: 0 }),
  WORKER_INSTANCE: text({ about: "The name of this start of a worker; given by the supervisor.", default: "0.0" }),
};
