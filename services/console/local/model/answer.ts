import { longText } from "./long-text.ts";
import type { ChatMessage, ChatRequest } from "./request.ts";
import { fittingToolCall, type LocalToolCall, namedToolCall } from "./tool-calls.ts";

/** What the model says: text, a word each `paceMs`, or the call of a tool. */
export type ModelAnswer = TextAnswer | LocalToolCall;

interface TextAnswer {
  readonly kind: "text";
  readonly text: string;
  readonly paceMs: number;
}

/** As a real model writes when it is busy. */
const SLOW_MS = 150;

/** So that a long answer takes its time, and yet well within what an agent waits. */
const LONG_MS = 15;

/** A longer quotation would drown the answer. */
const LONGEST_QUOTE_CHARACTERS = 280;

/** Enough for a reply of several Telegram messages. */
const MOST_WORDS = 5000;

const HELP = `I am the local stand-in model. I need no key and always answer alike, so the whole agent can be tried without one.

Try:
• any sentence – I quote it and say how much of our chat I saw
• say 12 words – a reply of just that length
• slowly say 40 words – the same, a word at a time
• long tea – an answer of several messages, formatted
• what time is it? – I call the agent's clock
• recall tea – I have the agent look into this chat
• use <tool> {"json": "input"} – I call that tool, if the agent offers it

Give the agent a real model with OPENAI_API_KEY.`;

/** The answer follows from the request alone: the same chat is always answered alike. */
export function answerTo(request: ChatRequest): ModelAnswer {
  const last = request.messages.at(-1);
  if (last?.role === "tool") return text(`The tool answered: ${quote(textIn(last))}`);
  const said = textIn(request.messages.findLast(({ role }) => role === "user")).trim();
  return toolCall(said, request) ?? textAnswer(said, request.messages);
}

/** All that a message says; pictures and the like are passed over. */
export function textIn(message: ChatMessage | undefined): string {
  const content = message?.content ?? "";
  return typeof content === "string" ? content : content.map((part) => part.text ?? "").join("");
}

function toolCall(said: string, request: ChatRequest): ModelAnswer | null {
  const offered = (request.tools ?? []).map((tool) => tool.function.name);
  if (offered.length === 0) return null;
  const named = namedToolCall(said);
  if (!named) return fittingToolCall(said, request);
  if (offered.includes(named.name)) return named;
  return text(`I have no tool named ${named.name}. I have: ${offered.join(", ")}.`);
}

function textAnswer(said: string, messages: readonly ChatMessage[]): TextAnswer {
  const slowly = /^slowly\s+(?<rest>\S.*)$/is.exec(said)?.groups?.rest;
  if (slowly !== undefined) return { ...textAnswer(slowly, messages), paceMs: SLOW_MS };
  if (/^\/?(help|start)\b/i.test(said)) return text(HELP);
  const count = /^say (\d{1,6}) words?\b/i.exec(said)?.[1];
  if (count !== undefined) return text(words(Math.min(Number(count), MOST_WORDS)));
  const about = /^long\s+(?<about>\S.{0,60})$/i.exec(said)?.groups?.about;
  if (about !== undefined) return text(longText(about), LONG_MS);
  const seen = messages.length === 1 ? "one message" : `${messages.length} messages`;
  return text(
    `You wrote: ${quote(said)}\n\nI am the local stand-in model and saw ${seen} of context. Say “help” for what I can do.`,
  );
}

function text(said: string, paceMs = 0): TextAnswer {
  return { kind: "text", text: said, paceMs };
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
