import type { Clock } from "../../../shared/clock.ts";
import type { Database } from "../../../shared/database.ts";
import { logEvent, newestEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import type { Logger } from "../../../shared/logging.ts";
import type { Failure } from "../delivery/sender.ts";
import { pauseAfter } from "../delivery/wait-out.ts";

/** Who the bot is to Telegram. Rejects only when `signal` aborts. */
export interface NameSource {
  ownName(signal: AbortSignal): Promise<{ readonly kind: "named"; readonly username: string } | Failure>;
}

/** The bot's username, as it was learnt last; null before the first time. */
export function ownName(db: Database, botId: number): string | null {
  const newest = newestEvent(db, EventType.BotNamed);
  return newest?.payload.bot_id === botId ? newest.payload.username : null;
}

export interface OwnNamePorts {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly source: NameSource;
}

/**
 * Asks Telegram for the bot's username until it says it, and records it if it is news. It may change, so each worker
 * asks once; nothing waits for it, and no failure is one of the worker.
 *
 * @param bot with this worker's `process.started`
 */
export async function learnOwnName(
  { db, clock, log, source }: OwnNamePorts,
  { botId, processId }: { readonly botId: number; readonly processId: number },
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 0; !signal.aborted; failures += 1) {
    const answer = await source.ownName(signal).catch((error) => {
      if (!signal.aborted) throw error;
      return null;
    });
    if (answer === null) return;
    if (answer.kind === "named") {
      const { username } = answer;
      if (username !== ownName(db, botId)) logEvent(db, processId, EventType.BotNamed, { bot_id: botId, username });
      return;
    }
    log.warn({ ...answer, failures }, "the bot's username is not known yet");
    await clock.sleep(answer.kind === "rate limited" ? answer.retryAfterMs : pauseAfter(failures), signal);
  }
}
