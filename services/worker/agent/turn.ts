import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import type { Reservation } from "../control/spending.ts";
import type { Completion, Model, ModelRequest, Refusal } from "../model/model.ts";
import type { Task } from "../queue/claims.ts";
import type { AgentPorts } from "./ports.ts";
import { problemWith } from "./read-completion.ts";

export interface TurnRequest {
  readonly model: Model;
  /** Which turn of this attempt it is, from 1. */
  readonly number: number;
  readonly inputTokens: number;
  readonly ask: ModelRequest & { readonly maxOutputTokens: number };
}

/** What came of one call of the model. All but a completion is recorded; a completion is to be, with what follows. */
export type Turn =
  | CompletedTurn
  | Refusal
  /** The signal aborted while it thought. */
  | { readonly kind: "cut short"; readonly textSoFar: string };

export type NotReserved = Exclude<Reservation, { kind: "reserved" }>;

export interface CompletedTurn {
  readonly kind: "completed";
  /** Its `turn.started`. */
  readonly id: number;
  readonly model: string;
  readonly completion: Completion;
  readonly latencyMs: number;
}

/** Calls the model once. Rejects only when the model breaks its contract. */
export async function takeTurn(ports: AgentPorts, task: Task, begun: BegunTurn, signal: AbortSignal): Promise<Turn> {
  const { clock } = ports;
  const { model, ask } = begun.request;
  const startedAt = clock.monotonicMs();
  const latencyMs = () => Math.round(clock.monotonicMs() - startedAt);
  const fail = ({ reason, detail }: Failure, cost: number | null) =>
    logEvent(ports.db, task.agentId, EventType.TurnFailed, {
      model: model.name,
      latency_ms: latencyMs(),
      error_class: reason,
      error: detail,
      ...(cost === null ? {} : { cost_usd: cost }),
    });
  let textSoFar = "";
  const onText = (text: string) => {
    textSoFar = text;
    ask.onText(text);
  };
  try {
    const answer = await model.complete({ ...ask, onText }, signal);
    if (answer.kind === "refused") {
      fail(answer, answer.costsNothing ? 0 : begun.reservedUsd);
      return answer;
    }
    const problem = problemWith(answer, ask.tools);
    if (!problem)
      return { kind: "completed", id: begun.id, model: model.name, completion: answer, latencyMs: latencyMs() };
    fail(problem, ports.spending.cost(model.name, answer) ?? begun.reservedUsd);
    return problem;
  } catch (error) {
    if (!signal.aborted) throw error;
    fail({ reason: "aborted", detail: String(signal.reason?.message ?? signal.reason) }, begun.reservedUsd);
    return { kind: "cut short", textSoFar };
  }
}

interface Failure {
  readonly reason: string;
  readonly detail: string;
}

export interface BegunTurn {
  readonly kind: "begun";
  /** Its `turn.started`. */
  readonly id: number;
  readonly request: TurnRequest;
  readonly reservedUsd: number | null;
}

/**
 * Records that the model is to be called, if the budget allows it. To be called in a transaction: what is reserved is
 * derived from the log, so that nobody else may reserve between.
 */
export function beginTurn({ db, spending }: AgentPorts, task: Task, request: TurnRequest): BegunTurn | NotReserved {
  const { model, number, inputTokens, ask } = request;
  const reserved = spending.reserve(model.name, { inputTokens, outputTokens: ask.maxOutputTokens });
  if (reserved.kind !== "reserved") return reserved;
  const reservation = reserved.usd === null ? {} : { reserved_usd: reserved.usd };
  const started = { model: model.name, turn: number, ...reservation };
  const id = logEvent(db, task.agentId, EventType.TurnStarted, started);
  return { kind: "begun", id, request, reservedUsd: reserved.usd };
}

/** Records a completion; joins the transaction that stores what follows from it. */
export function recordCompletion({ db, spending }: AgentPorts, task: Task, turn: CompletedTurn): void {
  const { model, completion, latencyMs: latency_ms } = turn;
  logEvent(db, task.agentId, EventType.TurnCompleted, {
    model,
    latency_ms,
    input_tokens: completion.inputTokens,
    cached_tokens: completion.cachedTokens,
    output_tokens: completion.outputTokens,
    finish_reason: completion.finishReason,
    cost_usd: spending.cost(model, completion),
  });
}
