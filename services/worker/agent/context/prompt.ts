import { readFileSync } from "node:fs";
import { SetupError } from "../../../../shared/setup-error.ts";
import { estimateTokens } from "./tokens.ts";

const BUILT_IN = `You are a helpful assistant in a Telegram chat. Answer briefly and plainly.
You are shown the latest messages of the chat. Use the tools when they help: one tells the time, one finds what was said earlier in this chat.`;

/** What is said to the model before anything else leaves at least half of its context to the chat. */
const MOST_OF_CONTEXT = 1 / 2;

/** The system prompt: the file's text, or without a file the built-in one. Throws a SetupError for what is to mend. */
export function readPrompt(file: string | null, contextTokens: number): string {
  if (file === null) return BUILT_IN;
  const text = readText(file).trim();
  if (text === "") throw new SetupError([`AGENT_PROMPT_FILE: ${file} is empty. Write the system prompt there.`]);
  const most = Math.floor(contextTokens * MOST_OF_CONTEXT);
  if (estimateTokens(text) > most) {
    throw new SetupError([
      `AGENT_PROMPT_FILE: ${file} has about ${estimateTokens(text)} tokens, and ${most} is the most. Shorten it, or raise CONTEXT_TOKENS and MAX_TOKENS.`,
    ]);
  }
  return text;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const code = String((cause as { code?: unknown }).code);
    const problem = `AGENT_PROMPT_FILE: ${file} cannot be read (${code}). Mount it into the worker, or remove the setting to have the built-in prompt.`;
    throw new SetupError([problem], { cause });
  }
}
