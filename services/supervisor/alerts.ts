import { type Clock, deadline } from "../../shared/clock.ts";
import { type Database, sql } from "../../shared/database.ts";
import { logEvent } from "../../shared/event-log.ts";
import { type EventPayloads, EventType } from "../../shared/event-types.ts";
import type { Logger } from "../../shared/logging.ts";
import { translated } from "./journal/id-fields.ts";
import type { SharedLog } from "./journal/shared-log.ts";

/** What an operator wants to be woken for, and whom no worker may be left to tell. */
const ALERTING = [
  EventType.CrashLoopDetected,
  EventType.RollbackStarted,
  EventType.RollbackAttempted,
  EventType.SupervisorHalted,
] as const;

/** An alert that could not be delivered for so long is no news any more; the log has it. */
const STALE_MS = 24 * 60 * 60 * 1000;
const LOOK_AGAIN_MS = 1000;
const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 5 * 60_000;
const ANSWER_WITHIN_MS = 10_000;

export interface Alert {
  /** The event's id in the shared log, where people find it; null while it is not there. */
  readonly id: number | null;
  readonly timestamp: number;
  readonly event_type: string;
  readonly payload: EventPayloads[(typeof ALERTING)[number]];
}

/** Delivers one alert. Resolves with null when it was taken, else with why it was not; rejects only when aborted. */
export type AlertSender = (alert: Alert, signal: AbortSignal) => Promise<string | null>;

export interface AlertPorts {
  /** The journal. */
  readonly db: Database;
  readonly shared: Pick<SharedLog, "sharedIdOf">;
  readonly clock: Clock;
  readonly log: Logger;
  readonly send: AlertSender;
}

/**
 * Delivers each alert in order, at least once, until `signal` aborts. What was delivered is in the log, so a restart
 * goes on where it was. Never rejects: supervision goes on without it.
 */
export async function keepAlerting(ports: AlertPorts, supervisorId: number, signal: AbortSignal): Promise<void> {
  const { db, clock, log, send } = ports;
  for (let failures = 0; !signal.aborted; ) {
    const event = nextAlert(db, clock.now() - STALE_MS);
    const alert = event && asPeopleSeeIt(event, ports.shared.sharedIdOf);
    const problem = alert && (await send(alert, deadline(ANSWER_WITHIN_MS, signal)).catch(String));
    if (signal.aborted) return;
    if (event && problem === null) logEvent(db, supervisorId, EventType.AlertSent, { about: event.id });
    failures = problem ? failures + 1 : 0;
    if (problem) log.warn({ journal_id: event?.id, problem, failures }, "the alert was not taken");
    if (!event || problem) await clock.sleep(pauseAfter(failures), signal);
  }
}

function pauseAfter(failures: number): number {
  return failures === 0 ? LOOK_AGAIN_MS : Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
}

interface AlertingEvent extends Omit<Alert, "id"> {
  readonly id: number;
}

/** In the journal ids are its own. */
function asPeopleSeeIt({ id, ...event }: AlertingEvent, sharedIdOf: (id: number) => number | null): Alert {
  const payload = translated(event.event_type, { ...event.payload }, sharedIdOf) as unknown as Alert["payload"];
  return { id: sharedIdOf(id), ...event, payload };
}

/** The oldest alerting event after the one that was delivered last, none older than `since`; null when there is none. */
function nextAlert(db: Database, since: number): AlertingEvent | null {
  const row = sql(
    db,
    `SELECT id, timestamp, event_type, payload FROM events
      WHERE event_type IN (${ALERTING.map((type) => `'${type}'`).join(", ")}) AND timestamp >= ?
        AND id > COALESCE((SELECT payload ->> '$.about' FROM events
                            WHERE event_type = 'alert.sent' ORDER BY id DESC LIMIT 1), 0)
      ORDER BY id LIMIT 1`,
  ).get(since) as (Omit<AlertingEvent, "payload"> & { payload: string }) | undefined;
  return row ? { ...row, payload: JSON.parse(row.payload) } : null;
}

/** Posts alerts as JSON; any answer of the 200s has taken it. */
export function createWebhook(url: string): AlertSender {
  return async (alert, signal) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(alert), signal });
    return response.ok ? null : `the webhook answered ${response.status}`;
  };
}
