import type { ChatMessage, ChatRequest } from "./request.ts";

/** What the model says: text, or the call of a tool. */
export type ModelAnswer =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "tool call"; readonly name: string; readonly input: string };

/** A longer quotation would drown the answer. */
const LONGEST_QUOTE_CHARACTERS = 280;

/** Enough for a reply of several Telegram messages. */
const MOST_WORDS = 5000;

const HELP = `I am the local stand-in model. I need no key and always answer alike, so the whole agent can be tried without one.

Try:
• any sentence – I quote it and say how much of our chat I saw
• say 12 words – a reply of just that length
• use <tool> {"json": "input"} – I call that tool, if the agent offers it

Give the agent a real model with OPENAI_API_KEY.`;

/** The answer follows from the request alone: the same chat is always answered alike. */
export function answerTo(request: ChatRequest): ModelAnswer {
  const last = request.messages.at(-1);
  if (last?.role === "tool") return { kind: "text", text: `The tool answered: ${quote(textIn(last))}` };
  const said = textIn(request.messages.findLast(({ role }) => role === "user")).trim();
  return toolCall(said, request) ?? { kind: "text", text: textAnswer(said, request.messages) };
}

/** All that a message says; pictures and the like are passed over. */
export function textIn(message: ChatMessage | undefined): string {
  const content = message?.content ?? "";
  return typeof content === "string" ? content : content.map((part) => part.text ?? "").join("");
}

function toolCall(said: string, { tools = [] }: ChatRequest): ModelAnswer | null {
  const { name, input } = /^use (?<name>[\w-]+)\s*(?<input>\{.*\})$/s.exec(said)?.groups ?? {};
  if (name === undefined || input === undefined || tools.length === 0) return null;
  const names = tools.map((tool) => tool.function.name);
  if (names.includes(name)) return { kind: "tool call", name, input };
  return { kind: "text", text: `I have no tool named ${name}. I have: ${names.join(", ")}.` };
}

function textAnswer(said: string, messages: readonly ChatMessage[]): string {
  if (/^\/?(help|start)\b/i.test(said)) return HELP;
  const count = /^say (\d{1,6}) words?\b/i.exec(said)?.[1];
  if (count !== undefined) return words(Math.min(Number(count), MOST_WORDS));
  const seen = messages.length === 1 ? "one message" : `${messages.length} messages`;
  return `You wrote: ${quote(said)}\n\nI am the local stand-in model and saw ${seen} of context. Say “help” for what I can do.`;
}

function quote(text: string): string {
  const characters = Array.from(text);
  const isShort = characters.length <= LONGEST_QUOTE_CHARACTERS;
  return `“${isShort ? text : `${characters.slice(0, LONGEST_QUOTE_CHARACTERS).join("")}…`}”`;
}

/** Numbered, so that a reader sees which are missing. */
function words(count: number): string {
  return Array.from({ length: count }, (_, index) => `word${index + 1}`).join(" ");
}
