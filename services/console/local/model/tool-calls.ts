import type { ChatRequest, OfferedTool } from "./request.ts";

/** What a person says that calls for a tool, when the agent offers it. */
const CALLED_FOR: ReadonlyArray<readonly [said: RegExp, tool: string]> = [
  [/\btime\b/i, "current_time"],
  [/\b(?:recall|remember)\b\s*(?<about>.*)$/is, "recall"],
];

export interface LocalToolCall {
  readonly kind: "tool call";
  readonly name: string;
  readonly input: string;
}

/** The call of a tool by its name, with the input as it is said: `use <tool> {"json": "input"}`. */
export function namedToolCall(said: string): LocalToolCall | null {
  const { name, input } = /^use (?<name>[\w-]+)\s*(?<input>\{.*\})$/s.exec(said)?.groups ?? {};
  return name === undefined || input === undefined ? null : { kind: "tool call", name, input };
}

/** The call of a tool that is offered for what is said. */
export function fittingToolCall(said: string, { tools = [] }: ChatRequest): LocalToolCall | null {
  for (const [pattern, name] of CALLED_FOR) {
    const heard = pattern.exec(said);
    const tool = tools.find((offered) => offered.function.name === name);
    if (heard && tool) return { kind: "tool call", name, input: JSON.stringify(inputFor(tool, heard.groups?.about)) };
  }
  return null;
}

/** What it is about goes into the first text that the tool takes. */
function inputFor(tool: OfferedTool, about: string | undefined): Record<string, string> {
  const [text] =
    Object.entries(tool.function.parameters?.properties ?? {}).find(([, { type }]) => type === "string") ?? [];
  const wanted = about?.replace(/[\s?!.]+$/, "");
  return text === undefined || !wanted ? {} : { [text]: wanted };
}
