import type { Database } from "../../shared/database.ts";
import { EventType } from "../../shared/event-types.ts";
import { createChance } from "../crash-matrix/random.ts";
import { createBudgetNotices } from "./budget-notices.ts";
import { createConversations } from "./conversations.ts";
import { DAY, type Planned, plan, SECOND } from "./planned.ts";
import { store } from "./store.ts";
import { A_STRANGER, OWNER } from "./what-people-say.ts";
import type { WorkerLife } from "./worker-lives.ts";
import { planRevisions } from "./year-of-revisions.ts";

export interface SeedOrder {
  /** At least so many; below a few thousand the supervisor's alone are more. */
  readonly events: number;
  /** The same seed and `now`, the same database. */
  readonly seed: number;
  /** Unix milliseconds: the year ends there, with a worker that runs. */
  readonly now: number;
  readonly daysPerDeploy?: number;
}

export interface Made {
  readonly events: number;
  readonly messages: number;
  readonly workers: number;
}

const DAYS = 365;
/** At first; then it follows from what was made so far. */
const EVENTS_PER_MESSAGE = 8;
/** Everything that arrived before the last moments has ended by now. */
const LAST_ARRIVAL_MS = 900 * SECOND;

/** Fills an empty database with a year of the life of an agent, as its own processes would have left it. */
export function seedYear(db: Database, { events, seed, now, daysPerDeploy = 7 }: SeedOrder): Made {
  const chance = createChance(seed);
  const year = { from: now - DAYS * DAY, to: now, daysPerDeploy };
  const revisions = planRevisions(year, chance);
  const converse = createConversations(chance, revisions.lives, year);
  const noticeBudget = createBudgetNotices(events);
  let pending: Planned[] = [...revisions.events, ...chatFacts(year.from, revisions.lives)];
  let planned = pending.length;
  let messages = 0;
  let perMessage = EVENTS_PER_MESSAGE;

  const pass = (from: number, to: number, count: number) => {
    const talk = converse(from, Math.min(to, now - LAST_ARRIVAL_MS), count);
    const notices = noticeBudget(talk.events, revisions.lives);
    planned += talk.events.length + notices.length;
    messages += talk.inbox.length;
    const all = pending.concat(talk.events, notices);
    const due = all.filter(({ at }) => at < to).sort((one, other) => one.at - other.at);
    pending = all.filter(({ at }) => at >= to);
    store(db, { ...talk, events: due });
  };

  for (let day = 0; day < DAYS; day += 1) {
    const from = year.from + day * DAY;
    pass(from, from + DAY, Math.round(((events - planned) * shareOf(day)) / perMessage));
    perMessage = messages > 1000 ? (planned - revisions.events.length) / messages : EVENTS_PER_MESSAGE;
  }
  return { events: planned, messages, workers: revisions.lives.length };
}

/** Of what is left of the year, this day's part: there are more messages on weekdays, and more as the year goes on. */
function shareOf(day: number): number {
  const weight = (index: number) => (index % 7 < 5 ? 1 : 0.7) * (1 + index / DAYS);
  let left = 0;
  for (let index = day; index < DAYS; index += 1) left += weight(index);
  return weight(day) / left;
}

function chatFacts(from: number, lives: readonly WorkerLife[]): Planned[] {
  const process = lives[0]?.process ?? null;
  return [
    plan(from + 90 * SECOND, EventType.ChatPaired, process, { chat_id: OWNER, sender_id: OWNER }),
    plan(from + 95 * SECOND, EventType.ChatRefused, process, { chat_id: A_STRANGER }),
  ];
}
