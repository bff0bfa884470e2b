import { inTransaction } from "../../shared/database.ts";
import { EventType } from "../../shared/event-types.ts";
import { goodRevisions, isDecided, type PendingRequest, type Revision, wantedRevision } from "../../shared/state.ts";
import { newestWorker } from "../../shared/worker-state.ts";
import type { Performer } from "./perform.ts";
import { rollbackTarget } from "./revisions.ts";
import { closeOpenRollback } from "./rollback.ts";

/** The operator's wishes. Each is answered by one event that carries its id: accepted here, or rejected and why. */

export async function answerDeploy(performer: Performer, request: PendingRequest): Promise<void> {
  const reference = request.revision ?? "";
  const image = await performer.runtime.resolve(reference);
  if (image && !isRunning(performer, image)) return takeUp(performer, image, request.eventId);
  const reason = image ? `${reference} is running already` : noSuchImage(reference);
  performer.record(EventType.DeployRejected, { request_id: request.eventId, revision: reference, reason });
}

export async function answerRollback(performer: Performer, request: PendingRequest): Promise<void> {
  const { runtime, record } = performer;
  const { revision: reference, eventId } = request;
  const target = reference === null ? await previousGood(performer) : await runtime.resolve(reference);
  if (target && !isRunning(performer, target)) return goBackTo(performer, target, eventId);
  const noTarget = reference === null ? "there is no earlier good revision to go back to" : noSuchImage(reference);
  const reason = target ? `${target.revision} is running already` : noTarget;
  record(EventType.RollbackRejected, { request_id: eventId, reason });
}

/** Accepts a revision as the one to run. */
export function takeUp(performer: Performer, { revision, imageId }: Revision, requestId: number | null): void {
  inTransaction(performer.db, () => {
    supersede(performer, `the deploy of ${revision}`);
    const reason = requestId === null ? "configured" : "requested";
    performer.record(EventType.DeployStarted, { revision, image_id: imageId, request_id: requestId, reason });
  });
}

function goBackTo(performer: Performer, target: Revision, requestId: number): void {
  inTransaction(performer.db, () => {
    const from = wantedRevision(performer.db);
    supersede(performer, `the rollback to ${target.revision}`);
    performer.record(EventType.RollbackStarted, {
      target_revision: target.revision,
      image_id: target.imageId,
      from_revision: from?.revision ?? "none",
      reason: "requested",
      request_id: requestId,
    });
  });
}

/** What was accepted before and is not decided yet ends here, so that whoever follows it learns how. */
function supersede(performer: Performer, by: string): void {
  const { db, record } = performer;
  const reason = `superseded by ${by}`;
  closeOpenRollback(performer, reason);
  const wanted = wantedRevision(db);
  if (wanted?.by !== "deploy" || isDecided(db, wanted)) return;
  const { revision, imageId: image_id, requestId: request_id } = wanted;
  record(EventType.DeployFailed, { revision, image_id, request_id, reason });
}

async function previousGood({ db, runtime }: Performer): Promise<Revision | null> {
  const good = goodRevisions(db, 10);
  return rollbackTarget(wantedRevision(db), good, await runtime.present(good.map(({ imageId }) => imageId)));
}

function isRunning({ db }: Performer, { imageId }: Revision): boolean {
  const worker = newestWorker(db);
  return worker !== null && worker.imageId === imageId && worker.readyAt !== null && !worker.exited && !worker.stopping;
}

function noSuchImage(reference: string): string {
  return `no image is called ${reference} here: build it or load it first`;
}
