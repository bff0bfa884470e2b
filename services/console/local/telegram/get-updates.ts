import { z } from "zod";
import type { Clock } from "../../../../shared/clock.ts";
import type { Database } from "../../../../shared/database.ts";
import { type Answer, badRequest, ok, type Parameters, refused } from "./answer.ts";
import type { Bell } from "./bell.ts";
import { structure, wholeNumber } from "./parameters.ts";
import type { Presence } from "./presence.ts";
import { allowedUpdates, allowUpdates, confirmBelow, updatesFrom } from "./updates.ts";

/** Telegram's own bound, whatever is asked for. */
const LONGEST_POLL_SECONDS = 50;
const MOST_UPDATES = 100;

const CONFLICT = refused(
  409,
  "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
);

/** What Telegram's server answers the polls it holds when it is itself stopped. */
const RESTARTING = refused(500, "Internal Server Error: restart");

/**
 * The long poll. It answers at once with what is queued, or waits for the first update, at most `timeout` seconds. What
 * was answered stays queued until a higher offset confirms it. Of two polls at a time the newer one goes on: the older
 * ends with 409.
 * @param arrivals rung for every update queued
 */
export function createGetUpdates(ports: { db: Database; clock: Clock; arrivals: Bell; presence: Presence }) {
  const { db, clock, arrivals, presence } = ports;
  let held: AbortController | null = null;

  return async function getUpdates(parameters: Parameters, signal: AbortSignal): Promise<Answer> {
    if (parameters.allowed_updates !== undefined) {
      const kinds = structure(parameters, "allowed_updates", z.array(z.string()));
      if (!kinds.success) return badRequest("can't parse allowed_updates: expected an array of strings");
      if (String(kinds.data) !== String(allowedUpdates(db))) allowUpdates(db, kinds.data);
    }
    held?.abort();
    const takenOver = new AbortController();
    held = takenOver;
    presence.pollStarted();
    const answer = await poll(parameters, AbortSignal.any([signal, takenOver.signal]));
    presence.pollEnded();
    if (takenOver.signal.aborted) return CONFLICT;
    held = null;
    return signal.aborted ? RESTARTING : answer;
  };

  async function poll(parameters: Parameters, signal: AbortSignal): Promise<Answer> {
    const seconds = within(0, wholeNumber(parameters, "timeout") ?? 0, LONGEST_POLL_SECONDS);
    const limit = within(1, wholeNumber(parameters, "limit") ?? MOST_UPDATES, MOST_UPDATES);
    const from = confirmBelow(db, wholeNumber(parameters, "offset") ?? 0);
    const until = clock.now() + seconds * 1000;
    for (;;) {
      const updates = updatesFrom(db, from, limit);
      const heard = updates.length === 0 && (await arrivals.rang(until - clock.now(), signal));
      if (!heard || signal.aborted) return ok(updates);
    }
  }
}

function within(least: number, value: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
