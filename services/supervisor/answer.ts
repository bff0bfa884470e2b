import { inTransaction } from "../../shared/database.ts";
import { EventType } from "../../shared/event-types.ts";
import { HELD_REVISIONS } from "../../shared/held-revisions.ts";
import {
  type Accepted,
  goodRevisions,
  isDecided,
  type PendingRequest,
  type Revision,
  type Superseding,
  wantedRevision,
} from "../../shared/state.ts";
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
  record(EventType.DeployRejected, { request_id, revision: revision ?? "", reason });
}

/** Ends what was asked for, whatever it is. */
export function rejectRequest(performer: Performer, request: PendingRequest, reason: string): void {
  if (request.kind === "deploy") rejectDeploy(performer, request, reason);
  else performer.record(EventType.RollbackRejected, { request_id: request.eventId, reason });
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
    supersede(performer, `the deploy of ${revision}`, requestId);
    const reason = requestId === null ? "configured" : "requested";
    const named = { revision, image_id: imageId, request_id: requestId };
    performer.record(EventType.DeployStarted, { ...named, reason, free_bytes: performer.freeBytes() });
  });
}

function goBackTo(performer: Performer, target: Revision, requestId: number): void {
  inTransaction(performer.db, () => {
    const from = wantedRevision(performer.db);
    supersede(performer, `the rollback to ${target.revision}`, requestId);
    startRollback(performer, from, { target, requestId });
  });
}

function startRollback(
  { record }: Performer,
  from: Revision | null,
  { target, requestId }: { readonly target: Revision; readonly requestId: number },
): void {
  record(EventType.RollbackStarted, {
    target_revision: target.revision,
    image_id: target.imageId,
    from_revision: from?.revision ?? "none",
    reason: "requested",
    request_id: requestId,
  });
}

/**
 * A deploy that is pulled or checked gives way to a newer wish: no failure of it. Its pull ends with it, and so does its
 * check.
 */
export function replaceDeploy(performer: Performer, { eventId, revision }: PendingRequest, by: Superseding): void {
  const replaced_by = by.kind === "cancel" ? null : by.eventId;
  const reason = by.kind === "cancel" ? "cancelled" : `replaced by a later ${by.kind}`;
  performer.record(EventType.DeployRejected, { request_id: eventId, revision: revision ?? "", reason, replaced_by });
  if (revision !== null) performer.runtime.abortPull(revision);
}

/** Leaves a deploy on probation, for the good revision before it. With none there, it stays what runs. */
export async function cancelDeploy(performer: Performer, wanted: Accepted, requestId: number): Promise<void> {
  const target = await previousGood(performer);
  inTransaction(performer.db, () => {
    endDeploy(performer, { reason: target ? "cancelled" : "cancelled; no earlier good revision is there", by: null });
    if (target) startRollback(performer, wanted, { target, requestId });
  });
}

interface End {
  readonly reason: string;
  /** The request that takes its place; null when none does. */
  readonly by: number | null;
}

/** What was accepted before and is not decided yet ends here, so that whoever follows it learns how. */
function supersede(performer: Performer, by: string, requestId: number | null): void {
  const end = { reason: `replaced by ${by}`, by: requestId };
  closeOpenRollback(performer, end.reason, requestId);
  endDeploy(performer, end);
}

function endDeploy({ db, record }: Performer, { reason, by: replaced_by }: End): void {
  const wanted = wantedRevision(db);
  if (wanted?.by !== "deploy" || isDecided(db, wanted)) return;
  const { revision, imageId: image_id, requestId: request_id } = wanted;
  record(EventType.DeployFailed, { revision, image_id, request_id, reason, replaced_by });
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
  if (wantedRevision(db)?.imageId !== imageId) return false; // it is about to be stopped for another
  return worker?.imageId === imageId && worker.readyAt !== null && !worker.exited && worker.stopping === null;
}
