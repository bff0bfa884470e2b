import type { Clock } from "../../shared/clock.ts";
import type { Database } from "../../shared/database.ts";
import { newestEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import {
  type Accepted,
  endedSince,
  goodRevisions,
  isDecided,
  isHalted,
  isOnHold,
  isPromotedSince,
  isQuarantined,
  isStopped,
  judgedSince,
  openRollback,
  type PendingRequest,
  pendingRequests,
  type Revision,
  wantedRevision,
  wasConfiguredBefore,
} from "../../shared/state.ts";
import { exitsSince, newestExit, newestWorker, outageMs } from "../../shared/worker-state.ts";
import type { HeartbeatWatch } from "./heartbeat-watch.ts";
import { brokeTheState, incidentSoFar, predecessorPolled, setAsideSince } from "./incident-log.ts";
import type { SharedLog } from "./journal/shared-log.ts";
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
  readonly shared: Pick<SharedLog, "seen">;
  /** Watches, as the heartbeat is watched, whether the shared file was found whole and free once more. */
  readonly soundings: HeartbeatWatch;
  /** How much room is left for the database, in bytes. */
  readonly freeBytes: () => number;
  /** The reference that the configuration names. */
  readonly configured: string;
}

/**
 * Looks at the engine, then reads the log.
 *
 * @param moment `booting` until this supervisor has settled for the first time
 * @param unchanged what was seen just before, if the engine need not be looked at again
 */
export async function observe(
  watched: Watched,
  moment: { leaving: boolean; booting: boolean },
  unchanged: InEngine | null = null,
): Promise<Observation> {
  const { db, clock, supervisorId, heartbeat } = watched;
  const { container, strays, nameTaken, check, held, present } = unchanged ?? (await lookAtEngine(watched));
  const now = clock.now();
  const runningId = container?.state.kind === "running" ? container.id : null;
  const worker = newestWorker(db);
  const wanted = wantedRevision(db);
  const good = goodRevisions(db, GOOD_REVISIONS);
  const [request, newer] = pendingRequests(db);
  const exit = newestExit(db);
  const halted = wanted !== null && isHalted(db, wanted);
  const [configured, deploy] = await Promise.all([
    configuredImage(watched, moment.booting || halted || wasTakenAway(db, container)),
    request?.kind === "deploy" ? candidate(watched, request, newer) : null,
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
    heartbeatStaleMs: heartbeat.staleMs(runningId),
    shared: watched.shared.seen(),
    sharedStuckMs: watched.soundings.staleMs(runningId),
    freeBytes: watched.freeBytes(),
    outageMs: worker?.processId ? outageMs(db, worker.processId, now) : 0,
    wanted,
    exits: wanted ? exitsSince(db, { ...wanted, eventId: judgedSince(db, wanted) }, EXITS) : [],
    setAside: wanted ? setAsideSince(db, wanted) : [],
    promoted: wanted !== null && isPromotedSince(db, wanted),
    predecessorPolled: wanted !== null && predecessorPolled(db, wanted),
    brokeTheState: wanted !== null && brokeTheState(db, wanted),
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
    cancelRequest: wanted && cancelOf(db, wanted),
    check,
  };
}

type InEngine = Pick<Observation, "container" | "strays" | "nameTaken" | "check" | "held" | "present">;

/** Which images are asked about follows from what we alone write. */
async function lookAtEngine({ db, runtime }: Watched): Promise<InEngine> {
  const wanted = wantedRevision(db);
  const images = [...(wanted ? [wanted] : []), ...goodRevisions(db, GOOD_REVISIONS)].map(({ imageId }) => imageId);
  const [{ worker, ...others }, present] = await Promise.all([runtime.look(), runtime.present(images)]);
  return { container: worker, ...others, present };
}

async function candidate(
  { db, runtime, freeBytes }: Watched,
  request: PendingRequest,
  newer: PendingRequest | undefined,
): Promise<Candidate> {
  const reference = request.revision ?? "";
  const pull = runtime.pullOf(reference);
  const superseding = newer ?? endedSince(db, request.eventId);
  return { request, image: await runtime.resolve(reference), pull, freeBytes: freeBytes(), superseding };
}

function cancelOf(db: Database, wanted: Accepted): number | null {
  if (wanted.by !== "deploy" || isDecided(db, wanted)) return null;
  const ended = endedSince(db, wanted.eventId);
  return ended?.kind === "cancel" ? ended.eventId : null;
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
