import type { CallMade } from "../control/progress.ts";
import type { ChatMessage, Completion, Model, ToolCall, ToolDescription } from "../model/model.ts";
import { estimateTokens, tokensOfMessages, tokensOfTools } from "./context/tokens.ts";

/**
 * Where the work on a message stands between two turns. It is in no table: an attempt that dies is started over, from
 * the message.
 */
export interface Run {
  readonly messages: readonly ChatMessage[];
  /** The one that is asked next, and who may be asked instead. */
  readonly models: readonly [Model, ...Model[]];
  /** What may be called; empty for the last turn of a run that went in circles. */
  readonly tools: readonly ToolDescription[];
  readonly turns: number;
  readonly tokens: number;
  /** What the model said beside its calls: all there is when a limit makes an end of it. */
  readonly texts: readonly string[];
  readonly rounds: readonly (readonly CallMade[])[];
}

export interface ToolResult {
  readonly call: ToolCall;
  readonly made: CallMade;
}

export function beginRun(begin: Pick<Run, "messages" | "models" | "tools">): Run {
  return { ...begin, turns: 0, tokens: 0, texts: [], rounds: [] };
}

/** What the next turn's input is estimated at. */
export function inputTokensOf({ messages, tools }: Run): number {
  return tokensOfMessages(messages) + tokensOfTools(tools);
}

/** After a refusal the next model is asked; null when there is none. */
export function withNextModel(run: Run): Run | null {
  const [, next, ...others] = run.models;
  return next ? { ...run, turns: run.turns + 1, models: [next, ...others] } : null;
}

/** After a call of the model that was cut short. */
export function withText(run: Run, text: string): Run {
  return { ...run, turns: run.turns + 1, texts: [...run.texts, text] };
}

/** After a turn that called tools: the model is shown its own calls and what came of each. */
export function withResults(run: Run, completion: Completion, results: readonly ToolResult[]): Run {
  const calls = results.map(({ call }) => call);
  const answers = results.map(({ call, made }) => ({ role: "tool", callId: call.id, content: made.output }) as const);
  return {
    ...run,
    messages: [...run.messages, { role: "assistant", content: completion.content, toolCalls: calls }, ...answers],
    turns: run.turns + 1,
    tokens: run.tokens + tokensTaken(run, completion),
    texts: [...run.texts, completion.content],
    rounds: [...run.rounds, results.map(({ made }) => made)],
  };
}

const ANSWER_NOW = "(No more tools can be called. Answer now, with what you have.)";

/** After a stall: one turn without tools. A person's message, since some servers take a system's only at the beginning. */
export function withoutTools(run: Run): Run {
  return { ...run, tools: [], messages: [...run.messages, { role: "user", content: ANSWER_NOW }] };
}

/** What a completion took, in and out; estimated where the provider did not count. */
function tokensTaken(run: Run, completion: Completion): number {
  return (completion.inputTokens ?? inputTokensOf(run)) + outputTokensOf(completion);
}

export function outputTokensOf({ outputTokens, content, toolCalls }: Completion): number {
  return outputTokens ?? estimateTokens(content + toolCalls.map((call) => call.name + call.arguments).join(""));
}
