import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { parsedAs } from "./answers.ts";
import { nextUlid, putIntoInbox } from "./put-request.ts";
import { readSmallFile } from "./read-small-file.ts";
import { MAX_REQUEST_BYTES } from "./request-file.ts";
import { inboxOf } from "./requests-directory.ts";
import { removeFromInbox, ULID } from "./take-requests.ts";

/**
 * A command of ours that keeps the shared file to itself for long says so before, lest the supervisor take it for a
 * worker that hangs. Each announcement has an end, so that nobody who was killed excuses a worker for ever.
 */
export interface LockAnnouncement {
  readonly by: string;
  /** "archive", "forget", …: for whoever waits. */
  readonly what: string;
  /** Unix milliseconds; later than `LONGEST_LOCK_MS` from now counts as nothing. */
  readonly untilMs: number;
}

export const LONGEST_LOCK_MS = 600_000;

const announcementSchema = z.strictObject({
  by: z.string().max(200),
  what: z.string().max(200),
  untilMs: z.number(),
});
const NAME = new RegExp(`^${ULID}\\.lock\\.json$`);
/** More of them at once are nobody's commands. */
const MOST_READ = 100;

export interface AnnouncedLock {
  renew(untilMs: number): void;
  /** The lock is given up; not to be renewed any more. */
  end(): void;
}

/** Throws a SetupError when nothing can be put there. */
export function announceLock(directory: string, announcement: LockAnnouncement): AnnouncedLock {
  const name = `${nextUlid()}.lock.json`;
  const put = (untilMs: number) => putIntoInbox(directory, name, JSON.stringify({ ...announcement, untilMs }));
  put(announcement.untilMs);
  return { renew: put, end: () => rmSync(join(inboxOf(directory), name), { force: true }) };
}

/** The announced lock that ends last; null when there is none at this moment. Never throws, never waits. */
export function announcedLock(
  directory: string,
  now: number,
): { readonly what: string; readonly until: number } | null {
  const held = announcementsIn(directory, now).flatMap(({ lock }) => lock ?? []);
  const last = held.sort((one, other) => other.untilMs - one.untilMs)[0];
  return last ? { what: last.what, until: last.untilMs } : null;
}

/** Removes those whose end has passed, whose maker was killed, and what is none. Never throws. */
export function pruneAnnouncedLocks(directory: string, now: number): void {
  for (const { name, lock } of announcementsIn(directory, now)) if (!lock) removeFromInbox(directory, name);
}

/** Null for what holds nothing: its end has passed, or it is no announcement. */
function announcementsIn(directory: string, now: number): { name: string; lock: LockAnnouncement | null }[] {
  return namesIn(directory).flatMap((name) => {
    const file = readSmallFile(join(inboxOf(directory), name), MAX_REQUEST_BYTES);
    if (file.kind === "absent" || file.kind === "later") return [];
    const found = file.kind === "text" ? parsedAs(announcementSchema, file.text) : null;
    const holds = found !== null && found.untilMs > now && found.untilMs <= now + LONGEST_LOCK_MS;
    return [{ name, lock: holds ? found : null }];
  });
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(inboxOf(directory))
      .filter((name) => NAME.test(name))
      .sort()
      .slice(-MOST_READ);
  } catch {
    return []; // not there, or not to be read: then nothing is announced
  }
}
