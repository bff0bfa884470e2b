import { systemClock } from "../clock.ts";
import { type Database, inTransaction, sql, tryLock } from "../database.ts";
import { logEvent } from "../event-log.ts";
import { answerFromLog } from "./answer-from-log.ts";
import { refusal, writeAnswer } from "./answers.ts";
import { makeRequestsDirectory } from "./requests-directory.ts";
import { supervisorLockOf } from "./supervisor-view.ts";
import { type FoundRequest, readRequests, removeRequest } from "./take-requests.ts";

export interface FakeSupervisor {
  /** One look: takes what was asked, and writes anew what is known of all that was asked before. */
  look(): void;
  /** Looks again and again until `stop`, and holds the supervisor's lock meanwhile. */
  run(): void;
  stop(): Promise<void>;
}

/**
 * For tests: what the supervisor does with requests, as strictly, and nothing else. The log is its own and, with other
 * ids, the shared one.
 * @param eventIdOf a request's id in the shared log; null while it has not arrived there
 */
export function createFakeSupervisor(
  directory: string,
  log: Database,
  eventIdOf: (requestId: number) => number | null = (id) => id,
): FakeSupervisor {
  makeRequestsDirectory(directory);
  const told = new Map<string, string>();
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();

  function take(found: FoundRequest): void {
    const { id } = found;
    if ("problem" in found) {
      writeAnswer(directory, id, refusal(found.problem));
      return;
    }
    const { type, payload } = found.request;
    inTransaction(log, () => requestOf(log, id) ?? logEvent(log, null, type, { ...payload, spool_id: id } as never));
    tell(id);
    removeRequest(directory, id);
  }

  function tell(id: string): void {
    const requestId = requestOf(log, id);
    const answer = requestId === null ? null : answerFromLog(log, requestId, eventIdOf(requestId));
    const text = JSON.stringify(answer);
    if (!answer || told.get(id) === text) return;
    writeAnswer(directory, id, answer);
    told.set(id, text);
  }

  const look = () => {
    for (const found of readRequests(directory)) take(found);
    for (const id of told.keys()) tell(id);
  };
  const keepLooking = async () => {
    const lock = tryLock(supervisorLockOf(directory));
    while (!stopping.signal.aborted) {
      look();
      await systemClock.sleep(LOOK_MS, stopping.signal);
    }
    lock?.release();
  };
  return {
    look,
    run: () => {
      running = keepLooking();
    },
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

const LOOK_MS = 10;

function requestOf(log: Database, spoolId: string): number | null {
  const query = "SELECT id FROM events WHERE payload ->> '$.spool_id' = ?";
  return (sql(log, query).pluck().get(spoolId) as number | undefined) ?? null;
}
