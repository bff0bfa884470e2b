import { type Database, sql } from "./database.ts";
import { newestEvent, newestEvents, type TypedEvent } from "./event-log.ts";
import { type EventPayloads, EventType } from "./event-types.ts";
import type { ExitClass } from "./payloads/supervisor-payloads.ts";
import type { Accepted, Revision } from "./state.ts";
import { processOf } from "./worker-process.ts";

/** What the log says about the newest worker, and about the exits before it. Times are Unix milliseconds. */

export interface Spawned extends Revision {
  readonly eventId: number;
  readonly at: number;
  /** The `process.started` of the supervisor that started it. */
  readonly supervisorId: number;
  readonly instance: string;
  readonly containerId: string;
  /** Its own `process.started`, null until it has written it. */
  readonly processId: number | null;
  readonly readyAt: number | null;
  /** Why the supervisor has set out to stop it, null while it has not. */
  readonly stopping: EventPayloads["worker.stopping"]["cause"] | null;
  readonly exited: boolean;
}

/** The newest worker that was started, or null before the first. */
export function newestWorker(db: Database): Spawned | null {
  const spawned = newestEvent(db, EventType.WorkerSpawned);
  if (!spawned) return null;
  const { instance, revision, image_id: imageId, container_id: containerId } = spawned.payload;
  const processId = processOf(db, instance);
  const ready = newestEvent(db, EventType.WorkerReady);
  const stopping = newestEvent(db, EventType.WorkerStopping);
  return {
    eventId: spawned.id,
    at: spawned.timestamp,
    supervisorId: spawned.parentId ?? 0,
    instance,
    revision,
    imageId,
    containerId,
    processId,
    readyAt: ready && processId !== null && ready.parentId === processId ? ready.timestamp : null,
    stopping: stopping?.payload.instance === instance ? stopping.payload.cause : null,
    exited: newestEvent(db, EventType.WorkerExited)?.payload.instance === instance,
  };
}

/** Who the newest supervisor is: its `process.started`, its process and its version. */
export function newestSupervisor(db: Database): { eventId: number; pid: number; version: string } | null {
  const query = `SELECT id AS eventId, payload ->> '$.pid' AS pid, payload ->> '$.version' AS version FROM events
      WHERE event_type = 'process.started' AND parent_id IS NULL ORDER BY id DESC LIMIT 1`;
  return (sql(db, query).get() as { eventId: number; pid: number; version: string } | undefined) ?? null;
}

/**
 * The instance of what a container begins to run now. Its environment names its first; one that is started again in
 * place runs a further one, named after the exit that it follows: "1.2", then "1.2/57". Whoever starts it again has
 * recorded that exit before.
 */
export function instanceOf(db: Database, firstOfContainer: string): string {
  const exit = newestEvent(db, EventType.WorkerExited);
  const isFurther = exit?.payload.instance.split("/", 1)[0] === firstOfContainer;
  return exit && isFurther ? `${firstOfContainer}/${exit.id}` : firstOfContainer;
}

export interface Exit {
  readonly eventId: number;
  readonly at: number;
  readonly instance: string;
  readonly imageId: string;
  readonly class: ExitClass;
  readonly readySeconds: number | null;
  /** When the run began that ended so, as the engine says; null when it is not known. */
  readonly startedAt: number | null;
  /** When that run ended. */
  readonly finishedAt: number | null;
}

/** The newest exit of any worker, or null before the first. */
export function newestExit(db: Database): Exit | null {
  const event = newestEvent(db, EventType.WorkerExited);
  return event && toExit(event);
}

/** The exits of an accepted revision since it was accepted, newest first, at most `limit`. */
export function exitsSince(db: Database, accepted: Accepted, limit: number): Exit[] {
  return newestEvents(db, EventType.WorkerExited, limit, accepted.eventId)
    .map(toExit)
    .filter((exit) => exit.imageId === accepted.imageId);
}

function toExit({ id, timestamp, payload }: TypedEvent<"worker.exited">): Exit {
  const { instance, image_id: imageId, class: exitClass, ready_seconds: readySeconds } = payload;
  const startedAt = payload.started_at ?? null;
  return {
    eventId: id,
    at: timestamp,
    instance,
    imageId,
    class: exitClass,
    readySeconds,
    startedAt,
    finishedAt: startedAt === null ? null : startedAt + payload.uptime_seconds * 1000,
  };
}

/** Which upstream a worker's process cannot reach, since when, and why; null while it reaches all. */
export function outageOf(
  db: Database,
  processId: number | null,
): (EventPayloads["upstream.unavailable"] & { since: Date }) | null {
  const outage = newestEvent(db, EventType.UpstreamUnavailable);
  if (!outage || outage.parentId !== processId) return null;
  if ((newestEvent(db, EventType.UpstreamAvailable)?.id ?? 0) > outage.id) return null;
  const { upstream, reason } = outage.payload;
  return { upstream, reason, since: new Date(outage.timestamp) };
}

/** For how many ms a worker's process could not reach its upstream, an outage that goes on included. */
export function outageMs(db: Database, processId: number, now: number): number {
  const outages = sql(
    db,
    `SELECT u.timestamp AS since,
            (SELECT a.timestamp FROM events a
              WHERE a.parent_id = u.parent_id AND a.event_type = 'upstream.available' AND a.id > u.id
              ORDER BY a.id LIMIT 1) AS until
       FROM events u WHERE u.parent_id = ? AND u.event_type = 'upstream.unavailable'`,
  ).all(processId) as { since: number; until: number | null }[];
  return outages.reduce((sum, { since, until }) => sum + Math.max((until ?? now) - since, 0), 0);
}
