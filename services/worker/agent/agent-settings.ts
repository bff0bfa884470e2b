import type { Values } from "../../../shared/config.ts";
import type { workerSettings } from "../settings.ts";
import { readPrompt } from "./context/prompt.ts";
import type { AgentSettings } from "./ports.ts";

type Given = Pick<
  Values<typeof workerSettings>,
  | "AGENT_PROMPT_FILE"
  | "CONTEXT_TOKENS"
  | "TG_HISTORY_WINDOW"
  | "MAX_TURNS"
  | "MAX_WALL_SECONDS"
  | "MAX_TOKENS"
  | "MAX_ANSWER_TOKENS"
>;

/** The settings, with the prompt as it is now: a later change of its file is taken up by the next worker. */
export function agentSettings(given: Given): AgentSettings {
  // The rest of a message's tokens is for answers, and for further turns.
  const contextTokens = Math.min(given.CONTEXT_TOKENS, Math.floor(given.MAX_TOKENS / 2));
  return {
    systemPrompt: readPrompt(given.AGENT_PROMPT_FILE, contextTokens),
    historyWindow: given.TG_HISTORY_WINDOW,
    contextTokens,
    limits: {
      maxTurns: given.MAX_TURNS,
      maxWallSeconds: given.MAX_WALL_SECONDS,
      maxTokens: given.MAX_TOKENS,
      maxAnswerTokens: given.MAX_ANSWER_TOKENS,
    },
  };
}
