import type { Clock } from "../../../shared/clock.ts";
import { type Database, inTransaction, sql } from "../../../shared/database.ts";
import { eventById, newestEvents } from "../../../shared/event-log.ts";
import { type EventPayloads, EventType } from "../../../shared/event-types.ts";
import { isImageReference, NO_IMAGE_REFERENCE, repositoryOf } from "../../../shared/image-reference.ts";
import type { Claimed } from "../../../shared/payloads/claimed.ts";
import { isPromotedSince, wantedRevision } from "../../../shared/state.ts";
import { newestExit, newestWorker, outageOf, type Spawned } from "../../../shared/worker-state.ts";
import type { Recorder } from "../performer.ts";
import type { ChatDeploys } from "../settings.ts";
import type { Claim } from "./claim.ts";
import type { Ledger } from "./ledger.ts";

export interface ClaimPorts {
  readonly journal: Database;
  readonly ledger: Ledger;
  readonly record: Recorder;
  readonly chatDeploys: ChatDeploys;
  readonly clock: Clock;
}

/** `early`: it may be of a run that is not recorded yet, so it is asked again for a while. */
export type Taken = "taken" | "early" | "not so";

/** An outage begins and ends once in a while; a worker that says so all day fills the journal. */
const MOST_OUTAGES = 100;
/** The owner's own fingers are slower. */
const MOST_WISHES_AN_HOUR = 30;
const MOST_SET_ASIDE_AN_HOUR = 10;
const HOUR_MS = 60 * 60_000;
/** What was asked for so long ago was answered long ago, or is wanted no more; it comes up when a file is read anew. */
const OLDEST_WISH_MS = 24 * HOUR_MS;

/**
 * Copies a claim into the journal, if it is so for all that the journal knows. It may come twice: it counts once.
 *
 * @param worker the newest one, for whoever has many claims to ask about
 */
export function takeClaim(ports: ClaimPorts, claim: Claim, worker = newestWorker(ports.journal)): Taken {
  if (ports.ledger.journalIdOf(claim.id) !== null) return "not so"; // our own row, or one that was taken before
  return inTransaction(ports.journal, () => {
    switch (claim.type) {
      case "process.started":
        return takeStart(ports, claim, worker);
      case "worker.ready":
        return takeReady(ports, claim, worker);
      case "upstream.unavailable":
      case "upstream.available":
        return takeOutage(ports, claim, worker);
      case "deploy.requested":
      case "rollback.requested":
        return takeWish(ports, claim);
      case "message.set_aside":
        return takeSetAside(ports, claim);
    }
  });
}

const rowOf = ({ id, timestamp }: Claim) => ({ id, at: timestamp });

/** The time, too: a file that was replaced gives the same ids anew. */
const isTakenFrom = ({ claim }: Claimed, { id, timestamp }: Claim) => claim?.id === id && claim.at === timestamp;

type ClaimOf<Type extends Claim["type"]> = Claim & { readonly type: Type };

function takeStart(ports: ClaimPorts, claim: ClaimOf<"process.started">, worker: Spawned | null): Taken {
  const { journal, record } = ports;
  const { timestamp, payload } = claim;
  if (!worker || worker.exited || firstOf(payload.instance) !== firstOf(worker.instance)) return "early";
  if (isOlderThanItsContainer(ports, claim, worker)) return "not so";
  // A container that is started again in place runs under one name: what the run before wrote is no word of this one.
  if (worker.processId !== null || timestamp < (newestExit(journal)?.finishedAt ?? 0)) return "early";
  const { bot_id, ...known } = payload;
  const started = { ...known, ...(bot_id === undefined ? {} : { bot_id }), instance: worker.instance };
  record(EventType.ProcessStarted, { ...started, claim: rowOf(claim) }, worker.supervisorId);
  return "taken";
}

const firstOf = (instance: string) => instance.split("/", 1)[0];

/**
 * The next name is easily guessed, and a worker could say in advance that it is up. A container is made only when the exit
 * before it is in the shared file, so its own rows come after that.
 */
function isOlderThanItsContainer({ journal, ledger }: ClaimPorts, { id }: Claim, { instance }: Spawned): boolean {
  const exit = newestExit(journal);
  if (exit === null || firstOf(exit.instance) === firstOf(instance)) return false;
  return id < (ledger.sharedIdOf(exit.eventId) ?? 0);
}

function takeReady({ journal, record }: ClaimPorts, claim: ClaimOf<"worker.ready">, worker: Spawned | null): Taken {
  if (!worker || worker.exited || !isSaidBy(journal, worker, claim)) return "early";
  if (worker.readyAt !== null) return "not so";
  record(EventType.WorkerReady, { ...claim.payload, claim: rowOf(claim) }, worker.processId);
  return "taken";
}

/** Whether a row of the shared file hangs under the worker's own `process.started` there, and was not there before it. */
function isSaidBy(journal: Database, { processId }: Spawned, { id, parentId }: Claim): boolean {
  if (processId === null || parentId === null || id < parentId) return false;
  const started = eventById(journal, processId)?.payload as EventPayloads["process.started"] | null;
  return started?.claim?.id === parentId;
}

function takeOutage(
  { journal, record }: ClaimPorts,
  claim: ClaimOf<"upstream.unavailable"> | ClaimOf<"upstream.available">,
  worker: Spawned | null,
): Taken {
  if (!worker || worker.exited || !isSaidBy(journal, worker, claim)) return "early";
  const isNews = (outageOf(journal, worker.processId) === null) === (claim.type === "upstream.unavailable");
  if (!isNews) return "not so";
  if (claim.type === "upstream.available") {
    record(EventType.UpstreamAvailable, { ...claim.payload, claim: rowOf(claim) }, worker.processId);
    return "taken";
  }
  const before = newestEvents(journal, EventType.UpstreamUnavailable, MOST_OUTAGES);
  if (before.filter(({ parentId }) => parentId === worker.processId).length >= MOST_OUTAGES) return "not so";
  record(EventType.UpstreamUnavailable, { ...claim.payload, claim: rowOf(claim) }, worker.processId);
  return "taken";
}

/** Whoever it says it is from: what stands in that file is from the chat at most. */
function takeWish(ports: ClaimPorts, claim: ClaimOf<"deploy.requested"> | ClaimOf<"rollback.requested">): Taken {
  const { journal, clock, record } = ports;
  if (claim.timestamp < clock.now() - OLDEST_WISH_MS) return "not so";
  if (wishesSince(journal, claim.type, clock.now() - HOUR_MS) >= MOST_WISHES_AN_HOUR) return "not so";
  const before = newestEvents(journal, claim.type, MOST_WISHES_AN_HOUR);
  if (before.some(({ payload }) => isTakenFrom(payload, claim))) return "not so";
  const requestId = recordWish(record, claim);
  const refusal = refusalOf(ports, claim);
  if (refusal === null) return "taken";
  if (claim.type === "rollback.requested")
    record(EventType.RollbackRejected, { request_id: requestId, reason: refusal }, null);
  else {
    const { revision } = claim.payload;
    record(EventType.DeployRejected, { request_id: requestId, revision, reason: refusal }, null);
  }
  return "taken";
}

/** How many of the newest are from the chat, and came after a moment. */
function wishesSince(journal: Database, type: Claim["type"], at: number): number {
  const query = `SELECT count(*) FROM
      (SELECT timestamp, payload ->> '$.from' AS source FROM events WHERE event_type = ? ORDER BY id DESC LIMIT ${MOST_WISHES_AN_HOUR})
      WHERE source = 'chat' AND timestamp > ?`;
  return Number(sql(journal, query).pluck().get(type, at));
}

function recordWish(record: Recorder, claim: ClaimOf<"deploy.requested"> | ClaimOf<"rollback.requested">): number {
  if (claim.type === "deploy.requested") {
    return record(EventType.DeployRequested, { ...claim.payload, from: "chat", claim: rowOf(claim) }, null);
  }
  const { by, revision, image_id } = claim.payload;
  const image = image_id === undefined ? {} : { image_id };
  return record(EventType.RollbackRequested, { by, revision, ...image, from: "chat", claim: rowOf(claim) }, null);
}

function refusalOf(
  { journal, chatDeploys }: ClaimPorts,
  { type, payload: { revision } }: ClaimOf<"deploy.requested"> | ClaimOf<"rollback.requested">,
): string | null {
  if (revision !== null && !isImageReference(revision)) return `${revision} names no image. ${NO_IMAGE_REFERENCE}`;
  if (type === "rollback.requested" || revision === null) return null;
  const wanted = wantedRevision(journal);
  if (!wanted || !isPromotedSince(journal, wanted)) {
    return "what runs is on probation, and could ask for it itself: ask again once it is promoted, or use the console";
  }
  if (chatDeploys.kind === "off") return "deploys from the chat are off (CHAT_DEPLOYS): use the console or the CLI";
  if (chatDeploys.repositories.includes(repositoryOf(revision))) return null;
  const allowed = chatDeploys.repositories.join(", ");
  return `from the chat only ${allowed} may be deployed (CHAT_DEPLOYS): use the console or the CLI`;
}

/** Only exits that the journal has can be excused by it. */
function takeSetAside({ journal, ledger, record, clock }: ClaimPorts, claim: ClaimOf<"message.set_aside">): Taken {
  const { payload } = claim;
  const before = newestEvents(journal, EventType.MessageSetAside, MOST_SET_ASIDE_AN_HOUR);
  if (before.some((event) => isTakenFrom(event.payload, claim))) return "not so";
  if (before.filter(({ timestamp }) => timestamp > clock.now() - HOUR_MS).length >= MOST_SET_ASIDE_AN_HOUR)
    return "not so";
  const exits = payload.exits.map((exit) => ledger.journalIdOf(exit)).filter((exit) => exit !== null);
  if (exits.length === 0) return "not so";
  record(EventType.MessageSetAside, { task_id: payload.task_id, exits, claim: rowOf(claim) }, null);
  return "taken";
}
