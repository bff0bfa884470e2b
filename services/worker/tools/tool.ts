import { z } from "zod";
import type { ToolDescription } from "../model/model.ts";

/**
 * What the model may call. `run` gives the text that the model is shown; what it throws is told to the model and counts
 * as a failed call. It has to reject soon after `signal` aborts, and may be run again for the same message: an attempt
 * that died starts over.
 */
export interface Tool<Arguments = unknown> {
  readonly name: string;
  /** For the model: what it does, and when to use it. */
  readonly description: string;
  readonly arguments: z.ZodType<Arguments>;
  run(given: Arguments, context: ToolContext, signal: AbortSignal): Promise<string>;
}

export interface ToolContext {
  /** The chat whose message is answered; a tool reaches no other one. */
  readonly chatId: number;
}

const descriptions = new WeakMap<Tool, ToolDescription>();

/** A tool as the model is told of it, made once: each message needs it. */
export function describeTool(tool: Tool): ToolDescription {
  const known = descriptions.get(tool) ?? describe(tool);
  descriptions.set(tool, known);
  return known;
}

function describe({ name, description, arguments: schema }: Tool): ToolDescription {
  const { $schema: _, ...parameters } = z.toJSONSchema(schema, { io: "input" });
  return { name, description, parameters };
}
