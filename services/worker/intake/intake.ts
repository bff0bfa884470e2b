import type { Clock } from "../../../shared/clock.ts";
import type { Database } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { admitBatch, type BacklogLimit, deriveOffset, type IncomingUpdate } from "../../../shared/inbox.ts";
import type { Logger } from "../../../shared/logging.ts";
import { createOutageLog } from "./outage.ts";
import { refusedToken } from "./refused-token.ts";
import { type Arrival, readUpdate } from "./updates.ts";

/** Beyond the poll's own time, for the answer to arrive. */
const POLL_MARGIN_SECONDS = 10;

/** From the question to the answer, or to giving up on it. */
export function longestPollMs(pollSeconds: number): number {
  return (pollSeconds + POLL_MARGIN_SECONDS) * 1000;
}

/**
 * Where updates come from. Rejects only when `signal` aborts; what goes wrong comes back as an answer, also when none
 * came within `longestPollMs`.
 */
export interface UpdateSource {
  /** @param timeoutSeconds how long the other side may hold the question open; 0 answers at once */
  poll(offset: number, timeoutSeconds: number, signal: AbortSignal): Promise<PollAnswer>;
}

export type PollAnswer =
  | { readonly kind: "updates"; readonly updates: readonly unknown[] }
  /** Another poller holds the bot: the worker before us for up to 30 s, or somebody else's program. */
  | { readonly kind: "conflict" }
  | { readonly kind: "rate limited"; readonly retryAfterMs: number }
  | { readonly kind: "unauthorised"; readonly detail: string }
  | { readonly kind: "unreachable"; readonly detail: string };

export interface IntakePorts {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly source: UpdateSource;
  /** What becomes of an update; called in the transaction that stores it. */
  readonly admit: (arrival: Arrival) => IncomingUpdate;
}

export interface IntakeSettings {
  readonly botId: number;
  /** This worker's `process.started`. */
  readonly processId: number;
  readonly pollSeconds: number;
  readonly backlog: BacklogLimit | null;
  /** From 0 to 1, anew each time. */
  readonly random: () => number;
}

/** Telegram's most for one answer: fewer means that nothing more waits. */
const FULL_BATCH = 100;
const CONFLICT_PAUSE_MS = 2000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

export interface IntakeCalls {
  /** The loop turns: called before each wait, for an answer or in a pause, with the longest it may take. */
  onTurn(mostMs: number): void;
  onCaughtUp(): void;
  onAccepted(): void;
  readonly signal: AbortSignal;
}

/**
 * Polls until `signal` aborts: every batch is committed before the next poll confirms it. What already waits is fetched
 * first, without holding the question open; when it is in, the worker is ready and `onCaughtUp` is called, once. After
 * that `onAccepted` is called for each batch. Throws a SetupError when the token is refused.
 */
export async function runIntake(ports: IntakePorts, settings: IntakeSettings, calls: IntakeCalls): Promise<void> {
  const { db, clock, log, source } = ports;
  const { processId, pollSeconds } = settings;
  const { signal } = calls;
  const outage = createOutageLog(ports, processId);
  for (let caughtUp = false, failures = 0; !signal.aborted; ) {
    const offset = deriveOffset(db, settings.botId);
    const askedAt = clock.now();
    calls.onTurn(longestPollMs(pollSeconds));
    const answer = await poll(source, offset, caughtUp ? pollSeconds : 0, signal);
    if (answer === null) return;
    if (answer.kind !== "updates") {
      failures += 1;
      log.warn({ ...answer, failures }, "the poll failed");
      const pauseMs = pauseAfter(answer, failures, settings.random());
      outage.goesOn(inWords(answer));
      calls.onTurn(pauseMs);
      await clock.sleep(pauseMs, signal);
      continue;
    }
    failures = 0;
    outage.isOver();
    accept(ports, settings, offset, answer.updates);
    if (caughtUp) {
      if (answer.updates.length > 0) calls.onAccepted();
    } else if (answer.updates.length < FULL_BATCH) {
      caughtUp = true;
      logEvent(db, processId, EventType.WorkerReady, { poll_ms: clock.now() - askedAt });
      calls.onCaughtUp();
    }
  }
}

async function poll(source: UpdateSource, offset: number, timeoutSeconds: number, signal: AbortSignal) {
  try {
    return await source.poll(offset, timeoutSeconds, signal);
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}

function accept(
  { db, log, admit }: IntakePorts,
  settings: IntakeSettings,
  offsetSent: number,
  answered: readonly unknown[],
): void {
  const { botId, processId, backlog } = settings;
  const updates = answered.map(readUpdate).filter((update) => update !== null);
  const unusable = answered.length - updates.length;
  if (unusable > 0) log.warn({ unusable }, "updates without an update_id were left out");
  const epoch = admitBatch(db, { botId, offsetSent, updates }, backlog, admit);
  if (epoch !== null) {
    const payload = { bot_id: botId, epoch, offset_sent: offsetSent };
    const eventId = logEvent(db, processId, EventType.OffsetReset, payload);
    log.warn({ event_id: eventId, ...payload }, EventType.OffsetReset);
  }
}

type PollFailure = Exclude<PollAnswer, { kind: "updates" }>;

function inWords(failure: PollFailure): string {
  if (failure.kind === "conflict") return "conflict: somebody else polls for this bot";
  if (failure.kind === "rate limited") return `rate limited: asked to wait ${failure.retryAfterMs / 1000} s`;
  return `${failure.kind}: ${failure.detail}`;
}

/** How long to leave Telegram alone, in ms; throws when waiting cannot help. */
function pauseAfter(answer: PollFailure, failures: number, random: number): number {
  if (answer.kind === "unauthorised") throw refusedToken(answer.detail);
  if (answer.kind === "conflict") return CONFLICT_PAUSE_MS;
  if (answer.kind === "rate limited") return answer.retryAfterMs;
  // Shorter by up to half, or all whom an outage cut off would be back at the same moment.
  return Math.round(Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS) * (1 - random / 2));
}
