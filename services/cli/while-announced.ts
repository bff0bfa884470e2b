import { type AnnouncedLock, announceLock, LONGEST_LOCK_MS } from "../../shared/requests/announced-lock.ts";
import { SetupError } from "../../shared/setup-error.ts";
import type { Cli } from "./command.ts";
import { operatorName } from "./request/operator.ts";

/** Each renewal is synced to disk, and work that goes on in small steps is longer than a minute at most. */
const RENEW_AFTER_MS = 60_000;

type Announcer = Pick<Cli, "requestsDir" | "clock" | "output">;

/**
 * Does what may keep the shared file from others for long, and tells the supervisor so meanwhile: else it would take the
 * worker that has to wait for one that hangs.
 * @param work calls `goesOn` from time to time when it may take more than ten minutes
 */
export async function whileAnnounced<T>(
  what: string,
  announcer: Announcer,
  work: (goesOn: () => void) => T | Promise<T>,
): Promise<T> {
  const { clock } = announcer;
  const lock = announce(what, announcer);
  let renewedAt = clock.now();
  const goesOn = () => {
    if (clock.now() - renewedAt < RENEW_AFTER_MS) return;
    renewedAt = clock.now();
    lock?.renew(renewedAt + LONGEST_LOCK_MS);
  };
  try {
    return await work(goesOn);
  } finally {
    lock?.end();
  }
}

/** Null where that cannot be done, which is no reason not to do the work. */
function announce(what: string, { requestsDir, clock, output }: Announcer): AnnouncedLock | null {
  try {
    return announceLock(requestsDir, { by: operatorName(), what, untilMs: clock.now() + LONGEST_LOCK_MS });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    if (codeOf(error.cause) === "ENOENT") return null; // no supervisor has made that directory: there is nobody to tell
    output.note(`The supervisor cannot be told that ${what} keeps the database. ${error.problems.join(" ")}`);
    return null;
  }
}

function codeOf(cause: unknown): unknown {
  return (cause as { code?: unknown } | null | undefined)?.code;
}
