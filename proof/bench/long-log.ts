import { type Database, inTransaction } from "../../shared/database.ts";
import { logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";

/** A busy day's messages between two deaths or replacements of a worker, and a few of those to a deploy. */
const MESSAGES_PER_WORKER = 50;
const WORKERS_PER_REVISION = 5;
const REVISIONS_PER_SUPERVISOR = 5;
/** Every fifth deploy goes wrong and is rolled back. */
const DEPLOYS_PER_ROLLBACK = 5;

type Named = { readonly revision: string; readonly image_id: string };
const named = (number: number): Named => ({ revision: `worker:${number}`, image_id: `sha256:${number}` });

/** Writes a log of at least so many events, as the system itself would have over the years. */
export function fillLog(db: Database, events: number): void {
  inTransaction(db, () => {
    for (let number = 1, newest = 0, supervisorId = 0; newest < events; number += 1) {
      if (number % REVISIONS_PER_SUPERVISOR === 1) supervisorId = supervisor(db);
      const isBad = number % DEPLOYS_PER_ROLLBACK === 0;
      newest = isBad ? rolledBack(db, supervisorId, number) : deployed(db, supervisorId, named(number));
    }
  });
}

function supervisor(db: Database): number {
  return logEvent(db, null, EventType.ProcessStarted, { role: "supervisor", pid: 7, version: "0123456789ab" });
}

/** A revision that is good, until the next deploy. */
function deployed(db: Database, supervisorId: number, revision: Named): number {
  request(db, supervisorId, revision);
  let newest = promotedWorker(db, supervisorId, revision);
  for (let worker = 1; worker < WORKERS_PER_REVISION; worker += 1) newest = worked(db, supervisorId, revision).exitedId;
  return newest;
}

/** A revision that dies at its start, and the one before it, which is good again. */
function rolledBack(db: Database, supervisorId: number, number: number): number {
  const bad = named(number);
  const target = named(number - 1);
  const request_id = request(db, supervisorId, bad);
  const instance = spawned(db, supervisorId, bad);
  exited(db, supervisorId, { ...bad, instance, process_id: null });
  const reason = "crash before it was ready";
  logEvent(db, supervisorId, EventType.RevisionQuarantined, { ...bad, reason });
  logEvent(db, supervisorId, EventType.DeployFailed, { ...bad, request_id, reason });
  const rollback = { target_revision: target.revision, from_revision: bad.revision, reason, request_id: null };
  logEvent(db, supervisorId, EventType.RollbackStarted, { ...rollback, image_id: target.image_id });
  logEvent(db, supervisorId, EventType.RollbackAttempted, { ...rollback, success: true, error: null });
  return promotedWorker(db, supervisorId, target);
}

function request(db: Database, supervisorId: number, revision: Named): number {
  const asked = { by: "operator@server", from: "cli", revision: revision.revision } as const;
  const request_id = logEvent(db, null, EventType.DeployRequested, asked);
  logEvent(db, supervisorId, EventType.DeployStarted, { ...revision, request_id, reason: "requested" });
  return request_id;
}

function promotedWorker(db: Database, supervisorId: number, revision: Named): number {
  const { exitedId, instance } = worked(db, supervisorId, revision);
  logEvent(db, null, EventType.RevisionPromoted, { ...revision, evidence: { ready_seconds: 60, instance } });
  return exitedId;
}

/** A worker's whole life. */
function worked(db: Database, supervisorId: number, revision: Named) {
  const instance = spawned(db, supervisorId, revision);
  const process = { role: "worker", pid: 7, version: "0123456789ab", instance, bot_id: 1 } as const;
  const process_id = logEvent(db, supervisorId, EventType.ProcessStarted, process);
  logEvent(db, process_id, EventType.WorkerReady, { poll_ms: 12 });
  for (let messages = 0; messages < MESSAGES_PER_WORKER; messages += 1) answered(db, process_id);
  return { instance, exitedId: exited(db, supervisorId, { ...revision, instance, process_id }) };
}

function spawned(db: Database, supervisorId: number, revision: Named): string {
  const instance = `${supervisorId}.${crypto.randomUUID()}`;
  const worker = { ...revision, pid: 4711, instance, container_id: crypto.randomUUID() };
  logEvent(db, supervisorId, EventType.WorkerSpawned, worker);
  return instance;
}

function exited(db: Database, supervisorId: number, worker: Named & { instance: string; process_id: number | null }) {
  const ready_seconds = worker.process_id === null ? null : 3600;
  const how = { class: "crash", exit_code: 1, signal: null, oom: false, error: null } as const;
  const log_tail = Array.from({ length: 20 }, (_, line) => `a line ${line} of what it said before it died`);
  const facts = { ...worker, ...how, uptime_seconds: 3601, ready_seconds, log_tail };
  return logEvent(db, supervisorId, EventType.WorkerExited, facts);
}

function answered(db: Database, process_id: number): void {
  const task = { chat_id: 1, task_id: process_id, update_id: 1, process_id, attempt: 1 };
  const id = logEvent(db, null, EventType.AgentStarted, task);
  const model = "gpt-5-mini";
  logEvent(db, id, EventType.TurnStarted, { model, turn: 1 });
  const tokens = { input_tokens: 1200, cached_tokens: 0, output_tokens: 80 };
  const usage = { ...tokens, finish_reason: "stop", cost_usd: 0.0005 };
  logEvent(db, id, EventType.TurnCompleted, { model, latency_ms: 900, ...usage });
  const part = { chat_id: 1, part: 1, parts: 1 };
  logEvent(db, id, EventType.ReplySending, part);
  logEvent(db, id, EventType.ReplySent, { ...part, message_id: 1 });
  logEvent(db, id, EventType.AgentCompleted, { task_id: task.task_id });
}
