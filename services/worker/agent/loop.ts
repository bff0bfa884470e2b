import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { cutByLimit, type LimitReached, limitReached, roomForAnswer, type Used } from "../control/limits.ts";
import { findStall } from "../control/progress.ts";
import { startWallTime, type WallTime } from "../control/wall-time.ts";
import { anotherMayAnswer } from "../model/fallback.ts";
import type { Refusal } from "../model/model.ts";
import { showProgress, type Task } from "../queue/claims.ts";
import { commitTogether } from "../queue/commit-together.ts";
import { describeTool } from "../tools/tool.ts";
import { contextFor } from "./context/context.ts";
import type { AgentPorts, AgentSettings } from "./ports.ts";
import {
  beginRun,
  inputTokensOf,
  outputTokensOf,
  type Run,
  withNextModel,
  withoutTools,
  withResults,
  withText,
} from "./run.ts";
import { stopAt, storeAnswer, storeCutAnswer } from "./store-answer.ts";
import type { Thought } from "./thought.ts";
import { runCalls } from "./tool-calls.ts";
import {
  type BegunTurn,
  beginTurn,
  type CompletedTurn,
  type NotReserved,
  recordCompletion,
  type Turn,
  type TurnRequest,
  takeTurn,
} from "./turn.ts";

export interface ThinkOptions {
  readonly settings: AgentSettings;
  /** Called with all of a turn's text so far, as the model writes it; the next turn's begins anew. */
  readonly onText?: (textSoFar: string) => void;
  readonly signal: AbortSignal;
}

interface Work extends AgentPorts, ThinkOptions {
  readonly task: Task;
  readonly wall: WallTime;
}

/**
 * Has the model answer a message, turn by turn, with tools in between, and stores the reply together with the last
 * turn's outcome: a crash afterwards sends it and does not pay for another turn. Until then nothing of it is shown to
 * any model again, so that an attempt which died is simply started over. Rejects only when `signal` aborts; then no
 * reply is stored.
 */
export async function think(ports: AgentPorts, task: Task, options: ThinkOptions): Promise<Thought> {
  const { limits } = options.settings;
  const wall = startWallTime(ports.clock, limits.maxWallSeconds * 1000, options.signal);
  try {
    return await takeTurns({ ...ports, ...options, task, wall });
  } finally {
    wall.end();
  }
}

type Next = { readonly kind: "another turn"; readonly run: Run } | Thought;

async function takeTurns(work: Work): Promise<Thought> {
  for (let before: Run | null = null; ; ) {
    work.signal.throwIfAborted();
    const { run, turn } = await commitTogether(work.db, () => prepare(work, before ?? begin(work)));
    const next = await carryOn(work, run, turn);
    if (next.kind !== "another turn") return next;
    before = next.run;
  }
}

/** How soon it is looked whether a turn under way has ended, and freed what it did not cost. */
const LOOK_FOR_ROOM_MS = 250;

async function carryOn(work: Work, run: Run, turn: BegunTurn | Held | Thought): Promise<Next> {
  switch (turn.kind) {
    case "begun":
      return follow(work, run, await takeTurn(work, work.task, turn, work.wall.signal));
    case "held":
      showProgress(work.db, work.task);
      await work.clock.sleep(LOOK_FOR_ROOM_MS, work.wall.signal);
      return { kind: "another turn", run };
    default:
      return turn;
  }
}

type Held = Extract<NotReserved, { kind: "held" }>;
type Exhausted = Extract<NotReserved, { kind: "exhausted" }>;

/** The next turn, recorded, or what comes instead of it. */
function prepare(work: Work, run: Run): { readonly run: Run; readonly turn: BegunTurn | Held | Thought } {
  const limit = limitBefore(work, run);
  if (limit) return { run, turn: stopAt(work.db, work.task, limit, run.texts) };
  const turn = beginTurn(work, work.task, requestFor(work, run));
  return { run, turn: turn.kind === "exhausted" ? overBudget(work, turn) : turn };
}

function begin({ db, task, settings, models, tools }: Work): Run {
  const descriptions = tools.map(describeTool);
  const messages = contextFor(db, task, { settings, tools: descriptions });
  return beginRun({ messages, models, tools: descriptions });
}

function limitBefore({ settings, wall }: Work, run: Run): LimitReached | null {
  return limitReached(settings.limits, usedBy(run, wall), inputTokensOf(run));
}

function usedBy({ turns, tokens }: Run, wall: WallTime): Used {
  return { turns, tokens, wallMs: wall.elapsedMs() };
}

function requestFor({ settings, wall, onText = () => {} }: Work, run: Run): TurnRequest {
  const inputTokens = inputTokensOf(run);
  const maxOutputTokens = roomForAnswer(settings.limits, usedBy(run, wall), inputTokens);
  const { messages, tools } = run;
  const ask = { messages, tools, maxOutputTokens, onText };
  return { model: run.models[0], number: run.turns + 1, inputTokens, ask };
}

function follow(work: Work, run: Run, turn: Turn): Next | Promise<Next> {
  switch (turn.kind) {
    case "cut short":
      return { kind: "another turn", run: withText(run, turn.textSoFar) };
    case "refused":
      return afterRefusal(work, run, turn);
    case "completed":
      if (run.tools.length === 0 || turn.completion.toolCalls.length === 0) return finish(work, run, turn);
      return afterCalls(work, run, turn);
  }
}

function overBudget({ db, task }: Work, { budgetUsd, spentUsd }: Exhausted): Thought {
  logEvent(db, task.agentId, EventType.LimitReached, { limit: "budget_usd", allowed: budgetUsd, used: spentUsd });
  return { kind: "refused", reason: "budget_exhausted", detail: "the day's budget is spent", retryAfterMs: null };
}

function afterRefusal({ db, task }: Work, run: Run, refusal: Refusal): Next {
  const next = anotherMayAnswer(refusal) ? withNextModel(run) : null;
  if (next) return { kind: "another turn", run: next };
  const wasLastChance = findStall(run.rounds) !== null && refusal.reason === "malformed";
  return wasLastChance ? stopAt(db, task, { limit: "progress" }, run.texts) : refusal;
}

function finish(work: Work, run: Run, turn: CompletedTurn): Promise<Thought> {
  const { db, task, settings, wall } = work;
  const { completion } = turn;
  return commitTogether(db, () => {
    recordCompletion(work, task, turn);
    if (completion.finishReason !== "length") return storeAnswer(db, task, completion.content);
    const taken = { inputTokens: inputTokensOf(run), outputTokens: outputTokensOf(completion) };
    return storeCutAnswer(db, task, completion.content, cutByLimit(settings.limits, usedBy(run, wall), taken));
  });
}

/** What a turn asks for is done only if another one may be told of it. */
async function afterCalls(work: Work, run: Run, turn: CompletedTurn): Promise<Next> {
  const { db, task, wall } = work;
  const limit = limitBefore(work, withResults(run, turn.completion, []));
  if (limit) {
    recordCompletion(work, task, turn);
    return stopAt(db, task, limit, [...run.texts, turn.completion.content]);
  }
  const after = withResults(run, turn.completion, await runCalls(work, task, turn, wall.signal));
  const stall = findStall(after.rounds);
  if (!stall || wall.signal.aborted) return { kind: "another turn", run: after };
  logEvent(db, task.agentId, EventType.ProgressStalled, stall);
  return { kind: "another turn", run: withoutTools(after) };
}
