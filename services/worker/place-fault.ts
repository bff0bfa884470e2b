import type { Ending } from "../../shared/lifecycle.ts";
import { remedyFor } from "../../shared/remedy.ts";

/** sysexits.h, EX_TEMPFAIL: nobody's crash. The supervisor starts the worker again, after longer and longer. */
const EXIT_FOR_NOW = 75;

/** What another process or the disk does to the state directory; each may be over by the next start. */
const PLACES_FAULTS = ["SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "ENOSPC", "EDQUOT", "EIO"];

/** The code of an error that is the place's fault, and not the program's or the setup's; null for all others. */
export function placesFault(error: unknown): string | null {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const code = String((at as { code?: unknown }).code);
    if (PLACES_FAULTS.some((fault) => code === fault || code.startsWith(`${fault}_`))) return code;
  }
  return null;
}

/** How a worker ends when its state directory is locked or full. All that counts is in there, for the next start. */
export function endingForNow(error: unknown): Ending | null {
  const code = placesFault(error);
  if (code === null) return null;
  const remedy = remedyFor(code) ?? (code.startsWith("SQLITE_BUSY") ? LOCKED : "Look at the disk.");
  const message = `the state directory cannot be written to (${code}): leaving until it can. ${remedy}`;
  return { code: EXIT_FOR_NOW, message };
}

const LOCKED = "Another process keeps the database locked: end it.";
