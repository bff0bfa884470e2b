import { EventType } from "../../shared/event-types.ts";
import type { Chance } from "../crash-matrix/random.ts";
import { around, happens, weighted } from "./likelihood.ts";
import { type Planned, plan, SECOND } from "./planned.ts";

/** What is known of a message while it is tried. */
export interface Asked {
  readonly chance: Chance;
  readonly chatId: number;
  readonly taskId: number;
  readonly model: Model;
  /** Takes the next id of history for what a tool is asked and answers. */
  readonly nextHistoryId: () => number;
}

export interface Model {
  readonly name: string;
  readonly latencyMs: number;
  /** US dollars for a million tokens. */
  readonly price: { readonly input: number; readonly cached: number; readonly output: number };
}

export const FAILURES = [
  ["rate_limited", 40],
  ["overloaded", 25],
  ["timeout", 20],
  ["unreachable", 10],
  ["malformed", 5],
] as const;

const TOOLS = [
  ["current_time", 40],
  ["recall", 60],
] as const;

/** The events of an attempt that the model answers, in order; the last one's moment is its end. */
export function answered(asked: Asked, agent: Planned): Planned[] {
  const { chance } = asked;
  const events = [assembled(asked, agent)];
  const at = () => events.at(-1)?.at ?? agent.at;
  const rounds = happens(chance, 300) ? 1 + chance.below(3) : 0;
  for (let turn = 1; turn <= rounds; turn += 1) {
    const begun = takeTurn(asked, agent, { at: at(), turn, events });
    events.push(completed(asked, agent, begun, "tool_calls"), ...callTool(asked, begun, at()));
  }
  const last = takeTurn(asked, agent, { at: at(), turn: rounds + 1, events });
  const isCut = happens(chance, 3);
  events.push(completed(asked, agent, last, isCut ? "length" : "stop"));
  if (isCut) events.push(plan(at(), EventType.LimitReached, agent, { limit: "tokens", allowed: 50_000, used: 50_112 }));
  return events;
}

/** The same of one that the model refuses for now, with the class of its error. */
export function refused(asked: Asked, agent: Planned): { events: Planned[]; errorClass: string } {
  const { chance, model } = asked;
  const errorClass = weighted(chance, FAILURES, "rate_limited");
  const events = [assembled(asked, agent)];
  const begun = takeTurn(asked, agent, { at: agent.at + 5, turn: 1, events });
  const latency_ms = errorClass === "timeout" ? 120 * SECOND : around(chance, 400);
  const failure = { model: model.name, latency_ms, error_class: errorClass, error: `429 ${errorClass}`, cost_usd: 0 };
  events.push(plan(begun.at + latency_ms, EventType.TurnFailed, agent, failure));
  return { events, errorClass };
}

/** The parts of a reply, from a moment on. */
export function delivered({ chance, chatId, taskId }: Asked, agent: Planned, from: number): Planned[] {
  const parts = happens(chance, 50) ? 2 + chance.below(3) : 1;
  return Array.from({ length: parts }, (_, index) => {
    const place = { chat_id: chatId, part: index + 1, parts };
    const mark = happens(chance, 2) ? { uncertain: true as const } : {};
    const at = from + index * 1100;
    const sent = { ...place, message_id: taskId * 2 + 1 + index, ...mark };
    return [
      plan(at + 2, EventType.ReplySending, agent, { ...place, ...mark }),
      plan(at + 2 + around(chance, 90), EventType.ReplySent, agent, sent),
    ];
  }).flat();
}

function assembled({ chance }: Asked, agent: Planned): Planned {
  const messages = 1 + chance.below(12);
  return plan(agent.at + 3, EventType.ContextAssembled, agent, {
    messages_available: messages,
    messages_used: messages,
    messages_cut: 0,
    system_tokens: 210,
    history_tokens: messages * 70,
    message_tokens: around(chance, 30),
  });
}

interface TurnPlace {
  readonly at: number;
  readonly turn: number;
  readonly events: Planned[];
}

function takeTurn({ model }: Asked, agent: Planned, { at, turn, events }: TurnPlace): Planned {
  const begun = plan(at + 1, EventType.TurnStarted, agent, { model: model.name, turn, reserved_usd: 0.0162 });
  events.push(begun);
  return begun;
}

function completed({ chance, model }: Asked, agent: Planned, begun: Planned, finish_reason: string): Planned {
  const latency_ms = around(chance, model.latencyMs);
  const input_tokens = around(chance, 1300);
  const cached_tokens = happens(chance, 400) ? Math.floor(input_tokens / 2) : 0;
  const output_tokens = around(chance, 120);
  const { input, cached, output } = model.price;
  const dollars = (input_tokens - cached_tokens) * input + cached_tokens * cached + output_tokens * output;
  const usage = { input_tokens, cached_tokens, output_tokens, cost_usd: dollars / 1e6 };
  const payload = { model: model.name, latency_ms, ...usage, finish_reason };
  return plan(begun.at + latency_ms, EventType.TurnCompleted, agent, payload);
}

function callTool({ chance, nextHistoryId }: Asked, turn: Planned, at: number): Planned[] {
  const tool_name = weighted(chance, TOOLS, "recall");
  const history_id = nextHistoryId();
  const digest = history_id.toString(16).padStart(64, "0");
  const latency_ms = around(chance, 4);
  const begun = plan(at, EventType.ToolCallStarted, turn, { tool_name, history_id, digest });
  const ended = happens(chance, 10)
    ? plan(at + latency_ms, EventType.ToolCallFailed, turn, { tool_name, error: "invalid arguments", latency_ms })
    : plan(at + latency_ms, EventType.ToolCallCompleted, turn, { tool_name, history_id, digest, latency_ms });
  return [begun, ended];
}
