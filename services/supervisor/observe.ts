import type { Clock } from "../../shared/clock.ts";
import type { Database } from "../../shared/database.ts";
import { newestEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import {
  goodRevisions,
  isHalted,
  isOnHold,
  isPromotedSince,
  isQuarantined,
  isStopped,
  openRollback,
  type PendingRequest,
  pendingRequest,
  type Revision,
  wantedRevision,
  wasConfiguredBefore,
} from "../../shared/state.ts";
import { exitsSince, newestExit, newestWorker, outageMs } from "../../shared/worker-state.ts";
import type { HeartbeatWatch } from "./heartbeat-watch.ts";
import { incidentSoFar, predecessorPolled } from "./incident-log.ts";
import type { Candidate, Observation } from "./observation.ts";
import type { WorkerContainer, WorkerRuntime } from "./worker-runtime.ts";

/** A walk back over so many good revisions or exits is enough for every decision there is. */
const GOOD_REVISIONS = 10;
const EXITS = 50;

export interface Watched {
  readonly db: Database;
  readonly runtime: WorkerRuntime;
  readonly clock: Clock;
  readonly supervisorId: number;
  readonly heartbeat: HeartbeatWatch;
  /** How much room is left for the database, in bytes. */
  readonly freeBytes: () => number;
  /** The reference that the configuration names. */
  readonly configured: string;
}

/**
 * Looks at the engine, then reads the log; of that, what we alone write says beforehand which images are asked about.
 *
 * @param moment `booting` until this supervisor has settled for the first time
 */
export async function observe(watched: Watched, moment: { leaving: boolean; booting: boolean }): Promise<Observation> {
  const { db, runtime, clock, supervisorId, heartbeat } = watched;
  const wanted = wantedRevision(db);
  const good = goodRevisions(db, GOOD_REVISIONS);
  const images = [...(wanted ? [wanted] : []), ...good].map(({ imageId }) => imageId);
  const [sighting, present] = await Promise.all([runtime.look(), runtime.present(images)]);
  const { worker: container, strays, nameTaken, check, held } = sighting;
  const now = clock.now();
  const worker = newestWorker(db);
  const request = pendingRequest(db);
  const exit = newestExit(db);
  const halted = wanted !== null && isHalted(db, wanted);
  const [configured, deploy] = await Promise.all([
    configuredImage(watched, moment.booting || halted || wasTakenAway(db, container)),
    request?.kind === "deploy" ? candidate(watched, request) : null,
  ]);
  return {
    now,
    supervisorId,
    leaving: moment.leaving,
    stopped: isStopped(db),
    onHold: isOnHold(db),
    container,
    strays,
    nameTaken,
    worker,
    heartbeatStaleMs: heartbeat.staleMs(container?.state.kind === "running" ? container.id : null),
    outageMs: worker?.processId ? outageMs(db, worker.processId, now) : 0,
    wanted,
    exits: wanted ? exitsSince(db, wanted, EXITS) : [],
    promoted: wanted !== null && isPromotedSince(db, wanted),
    predecessorPolled: wanted !== null && predecessorPolled(db, wanted),
    halted,
    lastExit: exit,
    restartScheduled: exit !== null && isNewer(db, EventType.RestartScheduled, exit.eventId),
    good,
    present,
    held,
    incident: incidentSoFar(db),
    rollback: openRollback(db),
    configured,
    deploy,
    rollbackRequest: request?.kind === "rollback" ? request : null,
    check,
  };
}

async function candidate({ runtime, freeBytes }: Watched, request: PendingRequest): Promise<Candidate> {
  const reference = request.revision ?? "";
  const pull = runtime.pullOf(reference);
  return { request, image: await runtime.resolve(reference), pull, freeBytes: freeBytes() };
}

/**
 * The configured image, if it is to be taken up: looked at when the supervisor starts, when somebody took the worker
 * away, as `docker compose up` does, and in a halt, when there may be none to take away; so a tag that moves while all
 * is well changes nothing by itself.
 */
async function configuredImage({ db, runtime, configured }: Watched, isDue: boolean): Promise<Revision | null> {
  if (!isDue && wantedRevision(db) !== null) return null;
  const image = await runtime.resolve(configured);
  if (!image || wasConfiguredBefore(db, image.imageId) || isQuarantined(db, image.imageId)) return null;
  return image;
}

/** Compose stops a worker first and removes it then, so what is seen of it first may be either. */
function wasTakenAway(db: Database, container: WorkerContainer | null): boolean {
  const exit = container === null ? newestExit(db)?.class : null;
  return exit === "removed" || exit === "stopped from outside";
}

function isNewer(db: Database, type: EventType, eventId: number): boolean {
  return (newestEvent(db, type)?.id ?? 0) > eventId;
}
