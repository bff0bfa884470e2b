import { EventType } from "../../shared/event-types.ts";
import { type Asked, answered, delivered, refused } from "./attempt.ts";
import { around, happens } from "./likelihood.ts";
import { MINUTE, type Planned, plan, SECOND } from "./planned.ts";
import type { InboxRow } from "./store.ts";
import type { WorkerLife } from "./worker-lives.ts";

export type Told = Pick<InboxRow, "status" | "attempts" | "error" | "endedAt"> & { readonly events: Planned[] };

export interface Message extends Asked {
  readonly receivedAt: number;
  /** The worker that is ready at a moment, or the next one that gets ready. */
  readonly lifeAt: (at: number) => WorkerLife;
  /** Its text is what the worker dies of. */
  readonly deadly: boolean;
  readonly command: string | null;
}

const MAX_RETRIES = 3;
/** The second death while it runs alone sets a message aside. */
const MOST_DEATHS = 2;

/** A message to its end, over as many attempts and workers as that takes. */
export function tellOf(message: Message): Told {
  const { chance } = message;
  const willBeRefused = happens(chance, 30) ? 1 + chance.below(MAX_RETRIES + 1) : 0;
  const events: Planned[] = [];
  let before: Planned | null = null;
  let at = message.receivedAt + around(chance, 8);
  for (let attempts = 1, refusals = 0, deaths = 0; ; attempts += 1) {
    const life = message.lifeAt(at);
    const agent = begin(message, life, { at: Math.max(at, life.readyAt + 5), attempts, before });
    const tried = deaths === MOST_DEATHS ? giveUp(message, agent) : tryIt(message, agent, willBeRefused - refusals);
    const dies = message.deadly && life.crashed && deaths < MOST_DEATHS;
    events.push(agent);
    if (dies || tried.at >= life.exit.at) {
      deaths += dies ? 1 : 0;
      events.push(...cutShort(tried.events, agent, life, dies));
      if (deaths === MOST_DEATHS && dies) events.push(setAside(message, agent, life));
      at = life.exit.at + 2;
    } else {
      events.push(...tried.events);
      if (tried.end) return { ...tried.end, attempts, endedAt: tried.at, events };
      refusals += 1;
      at = tried.at + tried.delayMs;
    }
    before = agent;
  }
}

/** Until `at`; without an end it is tried again after the delay. */
interface Tried {
  readonly events: readonly Planned[];
  readonly at: number;
  readonly end: Pick<Told, "status" | "error"> | null;
  readonly delayMs: number;
}

function tryIt(message: Message, agent: Planned, refusalsLeft: number): Tried {
  if (message.command !== null) return deliver(message, agent, []);
  if (refusalsLeft <= 0) return deliver(message, agent, answered(message, agent));
  const { events, errorClass } = refused(message, agent);
  const retry = MAX_RETRIES + 1 - refusalsLeft + 1;
  if (refusalsLeft === 1 && happens(message.chance, 200)) return tell(message, agent, { events, error: errorClass });
  const at = lastAt(events, agent);
  const delayMs = Math.min(around(message.chance, 8 * SECOND), 10 * MINUTE);
  const scheduled = { task_id: message.taskId, retry, delay_ms: delayMs, error_class: errorClass };
  const again = [plan(at, EventType.RetryScheduled, agent, scheduled), failed(message, agent, at, errorClass)];
  return { events: [...events, ...again], at, end: null, delayMs };
}

function deliver(message: Message, agent: Planned, work: readonly Planned[]): Tried {
  const events = [...work, ...delivered(message, agent, lastAt(work, agent))];
  const at = lastAt(events, agent) + 1;
  const done = plan(at, EventType.AgentCompleted, agent, { task_id: message.taskId });
  return { events: [...events, done], at, end: { status: "done", error: null }, delayMs: 0 };
}

/** Nothing more is tried, and the chat is told why. */
function tell(message: Message, agent: Planned, { events, error }: { events: Planned[]; error: string }): Tried {
  const exhausted = { task_id: message.taskId, retries: MAX_RETRIES, error_class: error };
  const told = delivered(message, agent, lastAt(events, agent));
  const at = lastAt(told, agent) + 1;
  const all = [
    ...events,
    plan(lastAt(events, agent), EventType.RetryExhausted, agent, exhausted),
    ...told,
    failed(message, agent, at, error),
  ];
  return { events: all, at, end: { status: "failed", error }, delayMs: 0 };
}

function giveUp(message: Message, agent: Planned): Tried {
  const told = delivered(message, agent, agent.at);
  const at = lastAt(told, agent) + 1;
  const end = { status: "set_aside", error: "set_aside" } as const;
  return { events: [...told, failed(message, agent, at, end.error)], at, end, delayMs: 0 };
}

/** What dies leaves its attempt to the supervisor to close; what is asked to stop gives the message back itself. */
function cutShort(tried: readonly Planned[], agent: Planned, life: WorkerLife, dies: boolean): Planned[] {
  const { exit, crashed } = life;
  const done = tried.slice(0, dies ? 2 : tried.length - 1).filter(({ at }) => at < exit.at);
  const { task_id } = agent.payload() as { task_id: number };
  const [error, error_class] = crashed
    ? (["its worker exited", "worker_exited"] as const)
    : (["the worker was asked to stop", "stopped"] as const);
  return [...done, plan(exit.at + (crashed ? 1 : 0), EventType.AgentFailed, agent, { task_id, error, error_class })];
}

function setAside({ taskId }: Message, agent: Planned, { exit }: WorkerLife): Planned {
  return plan(exit.at + 2, EventType.MessageSetAside, agent, () => ({ task_id: taskId, exits: [exit.id] }));
}

function begin(
  { chatId, taskId, command }: Message,
  life: WorkerLife,
  { at, attempts, before }: { at: number; attempts: number; before: Planned | null },
): Planned {
  return plan(at, EventType.AgentStarted, null, () => ({
    chat_id: chatId,
    task_id: taskId,
    update_id: taskId + 500_000_000,
    process_id: life.process.id,
    attempt: attempts,
    ...(before ? { resumes: before.id } : {}),
    ...(command ? { command } : {}),
  }));
}

function failed({ taskId }: Message, agent: Planned, at: number, error: string): Planned {
  return plan(at, EventType.AgentFailed, agent, { task_id: taskId, error, error_class: error });
}

function lastAt(events: readonly Planned[], agent: Planned): number {
  return events.at(-1)?.at ?? agent.at;
}
