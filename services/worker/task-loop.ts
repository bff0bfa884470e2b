import type { Clock } from "../../shared/clock.ts";
import type { Database } from "../../shared/database.ts";
import { claimNext, releaseDeadClaims, type Task } from "./claims.ts";

export interface TaskLoopPorts {
  readonly db: Database;
  readonly clock: Clock;
  /** Works on one message; resolves when it is ended or, after its signal aborted, given back. */
  readonly attempt: (task: Task, signal: AbortSignal) => Promise<void>;
}

export interface TaskLoopSettings {
  readonly processId: number;
  /** How many chats at once. */
  readonly concurrency: number;
  /** After the signal, how long messages in hand may still take. */
  readonly graceMs: number;
}

/** Without being woken, look again after so long: a message may have become due. */
const LOOK_AGAIN_MS = 1000;

/**
 * Works through the inbox, one message of a chat at a time and many chats at once, until `signal` aborts; then finishes
 * what is in hand within the grace and gives back the rest. Rejects when an attempt does: that is a bug, and what was
 * in hand is found by the next worker.
 */
export function createTaskLoop(ports: TaskLoopPorts, settings: TaskLoopSettings) {
  const { db, clock, attempt } = ports;
  let bell = new AbortController();
  const wake = () => bell.abort();

  async function run(signal: AbortSignal): Promise<void> {
    const outOfTime = new AbortController();
    const inHand = new Set<Promise<void>>();
    const failures: unknown[] = [];
    const begin = (task: Task) => {
      const work = attempt(task, outOfTime.signal)
        .catch((error) => failures.push(error))
        .then(() => {
          inHand.delete(work);
          wake();
        });
      inHand.add(work);
    };
    signal.addEventListener("abort", wake);
    releaseDeadClaims(db, settings.processId);
    while (!signal.aborted && failures.length === 0) {
      if (bell.signal.aborted) bell = new AbortController();
      for (let task = nextTask(inHand.size); task; task = nextTask(inHand.size)) begin(task);
      await clock.sleep(LOOK_AGAIN_MS, bell.signal);
    }
    if (failures.length === 0) {
      await Promise.race([Promise.all(inHand), clock.sleep(settings.graceMs, outOfTime.signal)]);
      outOfTime.abort(new Error("the worker was asked to stop"));
      await Promise.all(inHand);
    }
    if (failures.length > 0) throw failures[0];
  }

  function nextTask(busy: number): Task | null {
    return busy < settings.concurrency ? claimNext(db, settings.processId) : null;
  }

  return { run, wake };
}
