import type { Clock } from "../../../shared/clock.ts";
import type { Database } from "../../../shared/database.ts";
import { claimControls, claimMessages, type Room, type Task } from "./claims.ts";
import { commitTogether } from "./commit-together.ts";
import { releaseDeadClaims } from "./dead-claims.ts";

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
/** Commands and buttons take a moment each; this is for the chats whose answers Telegram puts off. */
const CONTROLS_AT_ONCE = 64;

const WOKEN = "woken";

export interface TaskLoop {
  run(signal: AbortSignal): Promise<void>;
  /** There may be something to do. */
  wake(): void;
  /** Aborts the attempt at a message, if it is in hand. */
  abort(taskId: number): void;
  isInHand(taskId: number): boolean;
}

/**
 * Works through the inbox, one message of a chat at a time and many chats at once, until `signal` aborts; then finishes
 * what is in hand within the grace and gives back the rest. Commands and buttons have a lane of their own. Rejects when
 * an attempt does: that is a bug, and what was in hand is found by the next worker.
 */
export function createTaskLoop(ports: TaskLoopPorts, settings: TaskLoopSettings): TaskLoop {
  const { db, clock, attempt } = ports;
  const lanes = [createLane(settings.concurrency, claimMessages), createLane(CONTROLS_AT_ONCE, claimControls)] as const;
  let bell = new AbortController();
  const wake = () => bell.abort(WOKEN);

  async function run(signal: AbortSignal): Promise<void> {
    const failures: unknown[] = [];
    const begin = (task: Task, lane: Lane) => {
      const stop = new AbortController();
      const work = attempt(task, stop.signal)
        .catch((error) => failures.push(error))
        .then(() => {
          lane.inHand.delete(task.id);
          wake();
        });
      lane.inHand.set(task.id, { work, stop });
    };
    const inHand = () => lanes.flatMap((lane) => [...lane.inHand.values()]);
    const allInHand = () => Promise.all(inHand().map(({ work }) => work));
    signal.addEventListener("abort", wake);
    releaseDeadClaims(db, settings.processId);
    while (!signal.aborted && failures.length === 0) {
      if (bell.signal.aborted) bell = new AbortController();
      for (const { lane, tasks } of await commitTogether(db, claimAll)) for (const task of tasks) begin(task, lane);
      await clock.sleep(LOOK_AGAIN_MS, bell.signal);
    }
    if (failures.length === 0) {
      const grace = new AbortController();
      await Promise.race([allInHand(), clock.sleep(settings.graceMs, grace.signal)]);
      grace.abort();
      for (const { stop } of inHand()) stop.abort(new Error("the worker was asked to stop"));
      await allInHand();
    }
    if (failures.length > 0) throw failures[0];
  }

  function claimAll() {
    return lanes.map((lane) => {
      const most = lane.room - lane.inHand.size;
      return {
        lane,
        tasks: most > 0 ? lane.claim(db, settings.processId, { most, except: lane.inHand }) : [],
      };
    });
  }

  function abort(taskId: number): void {
    for (const { inHand } of lanes) inHand.get(taskId)?.stop.abort(new Error("somebody stopped it"));
  }

  const isInHand = (taskId: number) => lanes.some(({ inHand }) => inHand.has(taskId));

  return { run, wake, abort, isInHand };
}

interface Lane {
  readonly room: number;
  readonly claim: (db: Database, processId: number, room: Room) => Task[];
  /** By the message's id. */
  readonly inHand: Map<number, { readonly work: Promise<void>; readonly stop: AbortController }>;
}

function createLane(room: number, claim: Lane["claim"]): Lane {
  return { room, claim, inHand: new Map() };
}
