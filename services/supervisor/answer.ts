import { boundedReason } from "../../shared/bounded-text.ts";
import { inTransaction } from "../../shared/database.ts";
import { EventType } from "../../shared/event-types.ts";
import { HELD_REVISIONS } from "../../shared/held-revisions.ts";
import { goodRevisions, isDecided, type PendingRequest, type Revision, wantedRevision } from "../../shared/state.ts";
import { newestWorker } from "../../shared/worker-state.ts";
import type { Performer } from "./performer.ts";
import { rollbackTarget } from "./revisions.ts";
import { closeOpenRollback } from "./rollback.ts";
import type { CheckContainer } from "./worker-runtime.ts";

/** The operator's wishes. Each is answered by one event that carries its id: accepted here, or rejected and why. */

/** Of what a failed check printed, so much is told: its settings' problems, a line each, or the error of a stack. */
const CHECK_LINES = 10;
const STACKED_LINES = 40;

export function rejectDeploy({ record }: Performer, request: PendingRequest, reason: string): void {
  const { eventId: request_id, revision } = request;
  record(EventType.DeployRejected, { request_id, revision: revision ?? "", reason: boundedReason(reason) });
}

export async function rejectChecked(
  performer: Performer,
  request: PendingRequest,
  check: CheckContainer,
): Promise<void> {
  const said = tellingLines(await performer.runtime.logTail(check.id, STACKED_LINES, check.createdAt)).join("\n");
  const exitCode = check.state.kind === "exited" ? check.state.exitCode : null;
  rejectDeploy(performer, request, `its check failed with ${exitCode}${said ? `: ${said}` : ""}`);
}

/** Without a stack's frames, and what Node says below it: the error stands above them. */
export function tellingLines(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => /\S/.test(line) && !/^\s+at |^\s*[{}^]*$|^Node\.js v/.test(line)).slice(-CHECK_LINES);
}

export async function answerRollback(performer: Performer, request: PendingRequest): Promise<void> {
  const target = await targetOf(performer, request);
  if (target && !runsAlready(performer, target)) return goBackTo(performer, target, request.eventId);
  performer.record(EventType.RollbackRejected, {
    request_id: request.eventId,
    reason: target ? `${target.revision} is running already` : noTarget(request),
  });
}

async function targetOf(performer: Performer, { revision, imageId }: PendingRequest): Promise<Revision | null> {
  if (imageId !== null) return goodImage(performer, imageId);
  return revision === null ? previousGood(performer) : performer.runtime.resolve(revision);
}

function noTarget({ revision, imageId }: PendingRequest): string {
  if (revision === null) return "there is no earlier good revision to go back to";
  return imageId === null
    ? `no image is called ${revision} here`
    : `that image of ${revision} is not held, or not good, any more`;
}

/** Accepts a revision as the one to run; null when it is the configuration that brought it. */
export function takeUp(performer: Performer, { revision, imageId }: Revision, requestId: number | null): void {
  inTransaction(performer.db, () => {
    supersede(performer, `the deploy of ${revision}`);
    const reason = requestId === null ? "configured" : "requested";
    const named = { revision, image_id: imageId, request_id: requestId };
    performer.record(EventType.DeployStarted, { ...named, reason, free_bytes: performer.freeBytes() });
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

async function goodImage({ db, runtime }: Performer, imageId: string): Promise<Revision | null> {
  const good = goodRevisions(db, HELD_REVISIONS).find((revision) => revision.imageId === imageId);
  return good && (await runtime.present([imageId])).has(imageId) ? good : null;
}

async function previousGood({ db, runtime }: Performer): Promise<Revision | null> {
  const good = goodRevisions(db, 10);
  const present = await runtime.present(good.map(({ imageId }) => imageId));
  const wanted = wantedRevision(db);
  const bad = wanted && { imageId: wanted.imageId, reason: "requested" };
  const target = rollbackTarget(bad, good, { present, incident: { rollbacks: [] } });
  return target.kind === "go back" ? target.to : null;
}

function runsAlready({ db }: Performer, { imageId }: Revision): boolean {
  const worker = newestWorker(db);
  return worker?.imageId === imageId && worker.readyAt !== null && !worker.exited && worker.stopping === null;
}
