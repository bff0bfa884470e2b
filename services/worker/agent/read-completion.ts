import type { Completion, Refusal, ToolDescription } from "../model/model.ts";

/** A model that asks for more at once has lost its way. */
const MOST_CALLS = 16;

/** What is wrong with a completion, so that nothing can be done with it; null when it can be used. */
export function problemWith(completion: Completion, tools: readonly ToolDescription[]): Refusal | null {
  const calls = tools.length === 0 ? 0 : completion.toolCalls.length;
  if (calls > MOST_CALLS) return malformed(`${calls} tool calls at once`);
  return calls === 0 && completion.content.trim() === "" ? malformed("no text") : null;
}

function malformed(detail: string): Refusal {
  return { kind: "refused", reason: "malformed", detail, retryAfterMs: null };
}
