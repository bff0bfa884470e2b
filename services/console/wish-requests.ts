import type { Database } from "../../shared/database.ts";
import { logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { HELD_REVISIONS } from "../../shared/held-revisions.ts";
import { goodRevisions, type Revision, wantedRevision } from "../../shared/state.ts";
import { OPERATOR } from "./operator-writes.ts";
import type { Wish } from "./pages/revisions/wish.ts";

/** The good revisions that are held, but for the one that is to run anyway; the newest first. */
export function rollbackTargets(db: Database): Revision[] {
  const wanted = wantedRevision(db)?.imageId;
  return goodRevisions(db, HELD_REVISIONS).filter(({ imageId }) => imageId !== wanted);
}

/** Back to the image that was chosen, or where there was nothing to choose from, to what the supervisor finds. */
function recordRollback(db: Database, image: string): number | "no target" {
  if (image === "") return logEvent(db, null, EventType.RollbackRequested, { ...OPERATOR, revision: null });
  const target = rollbackTargets(db).find(({ imageId }) => imageId === image);
  if (!target) return "no target";
  const { revision, imageId: image_id } = target;
  return logEvent(db, null, EventType.RollbackRequested, { ...OPERATOR, revision, image_id });
}

/** The event of a wish: its id. */
export function recordWish(db: Database, asked: { wish: Wish; revision: string; image: string }): number | "no target" {
  const { wish, revision, image } = asked;
  switch (wish) {
    case "deploy":
      return logEvent(db, null, EventType.DeployRequested, { ...OPERATOR, revision });
    case "rollback":
      return recordRollback(db, image);
    case "stop":
      return logEvent(db, null, EventType.StopRequested, OPERATOR);
    case "start":
      return logEvent(db, null, EventType.StartRequested, OPERATOR);
    case "hold":
      return logEvent(db, null, EventType.HoldRequested, OPERATOR);
    case "unhold":
      return logEvent(db, null, EventType.UnholdRequested, OPERATOR);
  }
}
