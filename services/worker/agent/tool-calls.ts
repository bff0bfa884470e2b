import { createHash } from "node:crypto";
import { scrub } from "../../../shared/config.ts";
import { inTransaction } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { remember } from "../../../shared/history.ts";
import type { ToolCall } from "../model/model.ts";
import type { Task } from "../queue/claims.ts";
import { callTool, type Outcome } from "../tools/call-tool.ts";
import { cutMiddle } from "./context/cut-middle.ts";
import type { AgentPorts } from "./ports.ts";
import type { ToolResult } from "./run.ts";
import { type CompletedTurn, recordCompletion } from "./turn.ts";

/** More of one output would crowd out the conversation. */
const MOST_OUTPUT_TOKENS = 2000;

/** What the model wrote may be anything; its names are not the log's. */
const NO_SUCH_TOOL = "(none of ours)";

/**
 * Stores a turn and what it asks for, then runs its calls one by one, each stored with its output. They are the record
 * of an attempt: a later attempt at the message starts over, and no model is shown them again. Ends early when `signal`
 * aborts.
 */
export async function runCalls(
  ports: AgentPorts,
  task: Task,
  turn: CompletedTurn,
  signal: AbortSignal,
): Promise<ToolResult[]> {
  const results: ToolResult[] = [];
  for (const { call, historyId } of storeCalls(ports, task, turn)) {
    if (signal.aborted) break;
    const result = await runCall(ports, task, { call, historyId, turnId: turn.id }, signal);
    if (result) results.push(result);
  }
  return results;
}

interface StoredCall {
  readonly call: ToolCall;
  readonly historyId: number;
}

function storeCalls(ports: AgentPorts, task: Task, turn: CompletedTurn): StoredCall[] {
  return inTransaction(ports.db, () => {
    recordCompletion(ports, task, turn);
    return turn.completion.toolCalls.map((asked) => {
      const call = { ...asked, name: scrub(asked.name), arguments: scrub(asked.arguments) };
      return { call, historyId: rememberTool(ports, task, call) };
    });
  });
}

async function runCall(
  ports: AgentPorts,
  task: Task,
  { call, historyId, turnId }: StoredCall & { readonly turnId: number },
  signal: AbortSignal,
): Promise<ToolResult | null> {
  const { db, clock } = ports;
  const tool = ports.tools.find(({ name }) => name === call.name);
  const tool_name = tool?.name ?? NO_SUCH_TOOL;
  const started = { tool_name, history_id: historyId, digest: digestOf(call.arguments) };
  logEvent(db, turnId, EventType.ToolCallStarted, started);
  const startedAt = clock.monotonicMs();
  const outcome = await unlessAborted(callTool(tool, call, { context: { chatId: task.chatId }, signal }), signal);
  const latency_ms = Math.round(clock.monotonicMs() - startedAt);
  if (!outcome) {
    logEvent(db, turnId, EventType.ToolCallFailed, { tool_name, error: "aborted", latency_ms });
    return null;
  }
  const output = cutMiddle(scrub(outcome.text), MOST_OUTPUT_TOKENS);
  inTransaction(db, () => {
    const history_id = rememberTool(ports, task, { id: call.id, output });
    if (outcome.kind === "failed") {
      logEvent(db, turnId, EventType.ToolCallFailed, { tool_name, error: outcome.error, latency_ms });
    } else {
      const digest = digestOf(output);
      logEvent(db, turnId, EventType.ToolCallCompleted, { tool_name, history_id, digest, latency_ms });
    }
  });
  return { call, made: { tool: call.name, arguments: call.arguments, output } };
}

async function unlessAborted(outcome: Promise<Outcome>, signal: AbortSignal): Promise<Outcome | null> {
  try {
    return await outcome;
  } catch (error) {
    if (!signal.aborted) throw error;
    return null;
  }
}

function rememberTool({ db }: AgentPorts, task: Task, record: object): number {
  return remember(db, task.chatId, task.id, { role: "tool", text: JSON.stringify(record) });
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
