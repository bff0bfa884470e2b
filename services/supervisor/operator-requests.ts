import { watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../shared/clock.ts";
import { type Database, inTransaction } from "../../shared/database.ts";
import { newestEvents } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import type { Logger } from "../../shared/logging.ts";
import { pruneAnnouncedLocks } from "../../shared/requests/announced-lock.ts";
import { answerFromLog } from "../../shared/requests/answer-from-log.ts";
import { pruneAnswers, refusal, writeAnswer } from "../../shared/requests/answers.ts";
import type { OperatorRequestType } from "../../shared/requests/request-file.ts";
import { answersOf, inboxOf } from "../../shared/requests/requests-directory.ts";
import { type FoundRequest, readRequests, removeRequest } from "../../shared/requests/take-requests.ts";
import type { Recorder } from "./performer.ts";

export interface OperatorRequests {
  /** Takes what waits into the journal; each once, however often it is found. Never throws. */
  take(): void;
  /** Tells what has become of what was asked, wherever more is known by now. Never throws. */
  tell(): void;
  /** Calls when something may have been asked, until `signal` aborts. Lossy: `take` finds it all the same. */
  watch(onChange: () => void, signal: AbortSignal): void;
}

export interface RequestPorts {
  readonly journal: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly record: Recorder;
  /** The id that people see; null while the row is not in the shared file. */
  readonly sharedIdOf: (journalId: number) => number | null;
}

/** What operators ask for by a file; none of these comes from a worker. */
const ASKED: readonly OperatorRequestType[] = [
  EventType.DeployRequested,
  EventType.RollbackRequested,
  EventType.StopRequested,
  EventType.StartRequested,
  EventType.HoldRequested,
  EventType.UnholdRequested,
  EventType.CancelRequested,
];

/** So many of a kind back a file that is found again can have been taken; and so many of yesterday's may be undecided. */
const MOST_REMEMBERED = 200;
const DAY_MS = 86_400_000;
const PRUNE_EVERY_MS = 60_000;
/** Its age shows to Docker and to people that the supervisor's loop turns. */
const ALIVE_FILE = "supervisor.alive";

export function createOperatorRequests(ports: RequestPorts, directory: string): OperatorRequests {
  const { journal, clock, log, record } = ports;
  const open = undecided(journal, clock.now());
  const told = new Map<string, string>();
  let pruneAt = 0;
  let problem = "";

  /** A full disk, say, keeps an answer back; it is told again at the next look. */
  function trying(work: () => void): void {
    try {
      work();
      problem = "";
    } catch (error) {
      if (String(error) !== problem) log.warn({ reason: String(error) }, "requests could not be read or answered");
      problem = String(error);
    }
  }

  function take(found: FoundRequest): void {
    const { id } = found;
    if ("problem" in found) {
      log.warn({ request: id, problem: found.problem }, "what was asked is no request");
      writeAnswer(directory, id, refusal(found.problem));
      return;
    }
    const { type, payload } = found.request;
    const requestId = inTransaction(journal, () => {
      const before = newestEvents(journal, type, MOST_REMEMBERED).find((event) => event.payload.spool_id === id);
      return before?.id ?? record(type, { ...payload, spool_id: id } as never, null); // each has its type's payload
    });
    open.set(id, requestId);
    removeRequest(directory, id);
  }

  function tellOf(id: string, requestId: number): void {
    const answer = answerFromLog(journal, requestId, ports.sharedIdOf(requestId));
    const text = JSON.stringify(answer);
    if (answer && told.get(id) !== text) writeAnswer(directory, id, answer);
    told.set(id, text);
    if (answer && !(answer.decided && answer.eventId !== null)) return;
    open.delete(id);
    told.delete(id);
  }

  function prune(): void {
    if (clock.monotonicMs() < pruneAt) return;
    pruneAt = clock.monotonicMs() + PRUNE_EVERY_MS;
    pruneAnswers(directory, clock.now());
    pruneAnnouncedLocks(directory, clock.now());
  }

  return {
    take() {
      for (const found of readRequests(directory)) trying(() => take(found));
    },
    tell() {
      trying(() => {
        writeFileSync(join(answersOf(directory), ALIVE_FILE), "");
        prune();
        for (const [id, requestId] of open) tellOf(id, requestId);
      });
    },
    watch(onChange, signal) {
      trying(() => {
        const watcher = watch(inboxOf(directory), { signal }, onChange);
        watcher.on("error", () => watcher.close()); // the next look finds it
      });
    },
  };
}

/** What was asked by a file, and may still be undecided, by the file's name. */
function undecided(journal: Database, now: number): Map<string, number> {
  const recent = ASKED.flatMap((type) => newestEvents(journal, type, MOST_REMEMBERED));
  return new Map(
    recent.flatMap(({ id, timestamp, payload }) =>
      payload.spool_id !== undefined && timestamp > now - DAY_MS ? [[payload.spool_id, id] as const] : [],
    ),
  );
}
