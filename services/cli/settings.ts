import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { text } from "../../shared/config.ts";
import { requestsSettings } from "../../shared/requests/requests-directory.ts";

/** Where the containers mount the volume; a host has no such directory and keeps its state where it was started. */
const VOLUME = "/state";

export const cliSettings = {
  ...requestsSettings,
  STATE_DIR: text({ about: "The directory of the database.", default: existsSync(VOLUME) ? VOLUME : "./state" }),
  OWN_DIR: text({ about: "The directory of the supervisor's own journal.", default: "" }),
};

/** Null where it is not mounted, as beside the console. */
export function ownDirectoryOf({ STATE_DIR, OWN_DIR }: { STATE_DIR: string; OWN_DIR: string }): string | null {
  const beside = existsSync(VOLUME) ? "/own" : resolve(STATE_DIR, "../own");
  const directory = OWN_DIR || beside;
  return existsSync(directory) ? directory : null;
}
