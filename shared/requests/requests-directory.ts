import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { custom } from "../config.ts";

/**
 * The directory of the operators' requests, on a volume that supervisor and console mount, and never a worker:
 *
 *   in/<ulid>.json           a request, until the supervisor has taken it
 *   in/<ulid>.lock.json      a command of ours holds the shared file's lock for long
 *   answers/<ulid>.json      what has become of a request
 *   answers/supervisor.json  how the supervisor sees the moment
 *   supervisor.lock          locked by the one supervisor for as long as it lives
 */
export const requestsSettings = {
  REQUESTS_DIR: custom({
    schema: z
      .string()
      .optional()
      .transform((given) => given ?? null),
    about: "The directory of the operators' requests, on a volume that no worker mounts.",
    expected: "a directory",
    default: "/requests",
  }),
};

/** Where the containers mount their volumes; a host has no such directory, and keeps the one beside the other. */
const STATE_VOLUME = "/state";

export function requestsDirectoryOf(settings: {
  readonly STATE_DIR: string;
  readonly REQUESTS_DIR: string | null;
}): string {
  if (settings.REQUESTS_DIR !== null) return settings.REQUESTS_DIR;
  return existsSync(STATE_VOLUME) ? "/requests" : resolve(settings.STATE_DIR, "../requests");
}

export const inboxOf = (directory: string) => join(directory, "in");
export const answersOf = (directory: string) => join(directory, "answers");

/** For whoever starts the supervisor: what is there already stays as it is. */
export function makeRequestsDirectory(directory: string): void {
  for (const path of [inboxOf(directory), answersOf(directory)]) mkdirSync(path, { recursive: true });
}
