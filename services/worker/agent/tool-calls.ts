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

/** So much of what a model wrote for one call is kept, and shown to it again: no tool of ours takes nearly as much. */
const MOST_ARGUMENTS = 10_000;
const SHOWN_OF_CUT = 1000;
/** Providers allow 64 characters for a name, and their ids are shorter than this. */
const MOST_NAME = 64;
const MOST_ID = 256;

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
  for (const stored of storeCalls(ports, task, turn)) {
    if (signal.aborted) break;
    const result = await runCall(ports, task, { ...stored, turnId: turn.id }, signal);
    if (result) results.push(result);
  }
  return results;
}

interface StoredCall {
  readonly call: ToolCall;
  /** Its arguments were too long: it is told to the model, and not carried out. */
  readonly isCut: boolean;
  readonly historyId: number;
}

function storeCalls(ports: AgentPorts, task: Task, turn: CompletedTurn): StoredCall[] {
  return inTransaction(ports.db, () => {
    recordCompletion(ports, task, turn);
    return turn.completion.toolCalls.map((asked) => {
      const stored = bounded(asked);
      return { ...stored, historyId: rememberTool(ports, task, stored.call) };
    });
  });
}

/** As it is kept, without secrets. Arguments that are too long are replaced by JSON that holds their beginning. */
function bounded(asked: ToolCall): Omit<StoredCall, "historyId"> {
  const given = scrub(asked.arguments);
  const isCut = given.length > MOST_ARGUMENTS;
  const call = {
    id: asked.id.slice(0, MOST_ID),
    name: scrub(asked.name).slice(0, MOST_NAME),
    arguments: isCut ? JSON.stringify({ beginning: given.slice(0, SHOWN_OF_CUT).toWellFormed() }) : given,
  };
  return { call, isCut };
}

const TOO_LONG: Outcome = {
  kind: "failed",
  error: "arguments too long",
  text: `The arguments are longer than ${MOST_ARGUMENTS} characters, and the tool was not called. Give shorter ones.`,
};

async function runCall(
  ports: AgentPorts,
  task: Task,
  { call, isCut, historyId, turnId }: StoredCall & { readonly turnId: number },
  signal: AbortSignal,
): Promise<ToolResult | null> {
  const { db, clock } = ports;
  const tool = ports.tools.find(({ name }) => name === call.name);
  const tool_name = tool?.name ?? NO_SUCH_TOOL;
  const started = { tool_name, history_id: historyId, digest: digestOf(call.arguments) };
  logEvent(db, turnId, EventType.ToolCallStarted, started);
  const startedAt = clock.monotonicMs();
  const asked = isCut ? TOO_LONG : callTool(tool, call, { context: { chatId: task.chatId }, signal });
  const outcome = await unlessAborted(asked, signal);
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

async function unlessAborted(outcome: Outcome | Promise<Outcome>, signal: AbortSignal): Promise<Outcome | null> {
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
