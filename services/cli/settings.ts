import { existsSync } from "node:fs";
import { text } from "../../shared/config.ts";
import { requestsSettings } from "../../shared/requests/requests-directory.ts";

/** Where the containers mount the volume; a host has no such directory and keeps its state where it was started. */
const VOLUME = "/state";

export const cliSettings = {
  ...requestsSettings,
  STATE_DIR: text({ about: "The directory of the database.", default: existsSync(VOLUME) ? VOLUME : "./state" }),
};
