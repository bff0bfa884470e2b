import type { Clock } from "../../shared/clock.ts";
import type { Database } from "../../shared/database.ts";
import { newestEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import {
  goodRevisions,
  isPromotedSince,
  isQuarantined,
  openRollback,
  pendingRequest,
  type Revision,
  wantedRevision,
  wasConfiguredBefore,
} from "../../shared/state.ts";
import { exitsSince, newestExit, newestWorker } from "../../shared/worker-state.ts";
import type { Observation } from "./decide.ts";
import type { WorkerRuntime } from "./worker-runtime.ts";

/** A walk back over so many good revisions or exits is enough for every decision there is. */
const GOOD_REVISIONS = 10;
const EXITS = 20;

export interface Watched {
  readonly db: Database;
  readonly runtime: WorkerRuntime;
  readonly clock: Clock;
  readonly supervisorId: number;
  /** The reference that the configuration names. */
  readonly configured: string;
}

/**
 * Looks at the engine, then reads the log.
 *
 * @param moment `booting` until this supervisor has made its first decision that is not about the past
 */
export async function observe(watched: Watched, moment: { leaving: boolean; booting: boolean }): Promise<Observation> {
  const { db, runtime, clock, supervisorId } = watched;
  const container = await runtime.look();
  const good = goodRevisions(db, GOOD_REVISIONS);
  const present = await runtime.present(good.map(({ imageId }) => imageId));
  const configured = await configuredImage(watched, moment.booting);
  const wanted = wantedRevision(db);
  const exit = newestExit(db);
  return {
    now: clock.now(),
    supervisorId,
    leaving: moment.leaving,
    container,
    worker: newestWorker(db),
    wanted,
    exits: wanted ? exitsSince(db, wanted, EXITS) : [],
    good,
    present,
    configured,
    request: pendingRequest(db),
    rollback: openRollback(db),
    promoted: wanted !== null && isPromotedSince(db, wanted),
    halted: wanted !== null && isNewer(db, EventType.SupervisorHalted, wanted.eventId),
    restartScheduled: exit !== null && isNewer(db, EventType.RestartScheduled, exit.eventId),
  };
}

/**
 * The configured image, if it is to be taken up: looked at when the supervisor starts and when the worker was removed
 * from outside, as `docker compose up` does to it, so that a tag that moves meanwhile changes nothing by itself.
 */
async function configuredImage({ db, runtime, configured }: Watched, booting: boolean): Promise<Revision | null> {
  if (!booting && wantedRevision(db) !== null && newestExit(db)?.class !== "removed") return null;
  const image = await runtime.resolve(configured);
  if (!image || wasConfiguredBefore(db, image.imageId) || isQuarantined(db, image.imageId)) return null;
  return image;
}

function isNewer(db: Database, type: EventType, eventId: number): boolean {
  return (newestEvent(db, type)?.id ?? 0) > eventId;
}
