import { z } from "zod";
import type { ToolCall } from "../model/model.ts";
import type { Tool, ToolContext } from "./tool.ts";

/** `text` is for the model. `error` is for the log, so it quotes nothing that was written. */
export type Outcome =
  | { readonly kind: "done"; readonly text: string }
  | { readonly kind: "failed"; readonly text: string; readonly error: string };

/** Calls a tool as the model asked for it. Rejects only when `signal` aborts; what goes wrong is for the model to mend. */
export async function callTool(
  tool: Tool | undefined,
  call: ToolCall,
  { context, signal }: { readonly context: ToolContext; readonly signal: AbortSignal },
): Promise<Outcome> {
  if (!tool) return failed("no such tool", `There is no tool named ${call.name}.`);
  const json = parseJson(call.arguments);
  if (json === undefined) return failed("bad arguments", "The arguments are not JSON.");
  const given = tool.arguments.safeParse(json);
  if (!given.success) return failed("bad arguments", `The arguments are not right: ${z.prettifyError(given.error)}`);
  try {
    return { kind: "done", text: await tool.run(given.data, context, signal) };
  } catch (error) {
    signal.throwIfAborted();
    const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
    return failed(name, `The tool failed: ${message}`);
  }
}

function failed(error: string, text: string): Outcome {
  return { kind: "failed", text, error };
}

/** A model writes nothing at all where there is nothing to say. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.trim() || "{}");
  } catch {
    return undefined; // what a model writes need not be JSON
  }
}
