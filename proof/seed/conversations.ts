import { EventType } from "../../shared/event-types.ts";
import type { Chance } from "../crash-matrix/random.ts";
import type { Model } from "./attempt.ts";
import { happens, weighted } from "./likelihood.ts";
import { tellOf } from "./message.ts";
import { DAY, HOUR, type Planned, plan } from "./planned.ts";
import type { HistoryRow, InboxRow } from "./store.ts";
import { COMMANDS, chatOf, HOURS, saying } from "./what-people-say.ts";
import type { WorkerLife } from "./worker-lives.ts";

const NANO: Model = { name: "gpt-5-nano", latencyMs: 700, price: { input: 0.05, cached: 0.005, output: 0.4 } };
const MINI: Model = { name: "gpt-5-mini", latencyMs: 1400, price: { input: 0.25, cached: 0.025, output: 2 } };
const FALLBACK: Model = { name: "gpt-4.1-mini", latencyMs: 1100, price: { input: 0.4, cached: 0.1, output: 1.6 } };

export interface DayOfTalk {
  readonly events: Planned[];
  readonly inbox: InboxRow[];
  readonly history: HistoryRow[];
}

/** Messages, day after day, answered by whoever lives then. */
export function createConversations(
  chance: Chance,
  lives: readonly WorkerLife[],
  year: { readonly from: number; readonly to: number },
) {
  const lifeAt = createLifeAt(lives);
  let messages = 0;
  let said = 0;

  function message(day: DayOfTalk, receivedAt: number, deadly: boolean): void {
    messages += 1;
    const chatId = chatOf(chance);
    const command = !deadly && happens(chance, 60) ? chance.oneOf(COMMANDS) : null;
    const row = { id: messages, chatId, receivedAt, kind: command ? "command" : "message" } as const;
    if (happens(chance, 10)) {
      day.inbox.push({ ...row, text: null, endedAt: receivedAt, status: "ignored", attempts: 0, error: null });
      return;
    }
    const text = command ?? saying(chance, 14);
    const nextHistoryId = () => {
      said += 1;
      day.history.push({ id: said, chatId, inboxId: row.id, role: "tool", text: saying(chance, 30), at: receivedAt });
      return said;
    };
    const model = modelAt(receivedAt);
    const told = tellOf({ chance, chatId, taskId: row.id, model, nextHistoryId, receivedAt, lifeAt, deadly, command });
    const { events, ...end } = told;
    day.events.push(...events);
    day.inbox.push({ ...row, text, ...end });
    if (command === "/new") day.events.push(renewed(row, end.endedAt, said));
    if (end.status !== "done" || command) return;
    remember(day, row, "user", text);
    remember(day, row, "assistant", saying(chance, 60));
  }

  function renewed({ chatId }: Pick<InboxRow, "chatId">, at: number, after_history_id: number): Planned {
    const { process } = lifeAt(at);
    return plan(at, EventType.ChatRenewed, process, { chat_id: chatId, after_history_id });
  }

  function remember(
    day: DayOfTalk,
    row: Pick<InboxRow, "id" | "chatId" | "receivedAt">,
    role: "user" | "assistant",
    text: string,
  ) {
    said += 1;
    day.history.push({ id: said, chatId: row.chatId, inboxId: row.id, role, text, at: row.receivedAt });
  }

  function modelAt(at: number): Model {
    if (happens(chance, 30)) return FALLBACK;
    return at < year.from + 120 * DAY ? NANO : MINI;
  }

  /** Of the messages that came since a moment, so many; those at which a worker dies come besides. */
  return (from: number, to: number, count: number): DayOfTalk => {
    const day: DayOfTalk = { events: [], inbox: [], history: [] };
    const deadly = lives.filter(({ exit, crashed }) => crashed && exit.at > from && exit.at <= to).map(diesOf);
    const arrivals = Array.from({ length: count }, () => ({ at: momentIn(from, to), deadly: false }));
    const all = [...arrivals, ...deadly.filter(({ at }) => at > from)].sort((one, other) => one.at - other.at);
    for (const arrival of all) message(day, arrival.at, arrival.deadly);
    return day;
  };

  function momentIn(from: number, to: number): number {
    const hour = weighted(
      chance,
      HOURS.map((weight, index) => [index, weight] as const),
      12,
    );
    const at = from + hour * HOUR + chance.below(HOUR);
    return at < to ? at : from + chance.below(to - from);
  }
}

const diesOf = ({ exit, readyAt }: WorkerLife) => ({ at: Math.max(exit.at - 2000, readyAt + 10), deadly: true });

/** Asked in the order of time, more or less: the search goes on where the last one ended, or starts anew. */
function createLifeAt(lives: readonly WorkerLife[]): (at: number) => WorkerLife {
  let place = 0;
  return (at) => {
    if ((lives[place - 1]?.exit.at ?? 0) > at) place = lives.findIndex(({ exit }) => exit.at > at);
    while ((lives[place]?.exit.at ?? Number.POSITIVE_INFINITY) <= at) place += 1;
    const life = lives[place];
    if (!life) throw new Error("no worker lives after the end of the year");
    return life;
  };
}
