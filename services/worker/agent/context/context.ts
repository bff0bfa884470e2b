import { scrub } from "../../../../shared/config.ts";
import type { Database } from "../../../../shared/database.ts";
import { logEvent } from "../../../../shared/event-log.ts";
import { EventType } from "../../../../shared/event-types.ts";
import type { ChatMessage, ToolDescription } from "../../model/model.ts";
import type { Task } from "../../queue/claims.ts";
import { assemble } from "./assemble.ts";
import { compress } from "./compress.ts";
import { provide } from "./provide.ts";
import { estimateTokens, TOKENS_AROUND_MESSAGE, tokensOfTools } from "./tokens.ts";

export interface ContextSettings {
  readonly systemPrompt: string;
  /** How many earlier messages of the chat the model is shown at most. */
  readonly historyWindow: number;
  /** For all of it, tools included. */
  readonly contextTokens: number;
}

/** What the model is shown first for a message; the log says what was used and what was left out. */
export function contextFor(
  db: Database,
  task: Task,
  { settings, tools }: { readonly settings: ContextSettings; readonly tools: readonly ToolDescription[] },
): ChatMessage[] {
  const systemPrompt = scrub(settings.systemPrompt);
  const systemTokens = estimateTokens(systemPrompt) + TOKENS_AROUND_MESSAGE + tokensOfTools(tools);
  const provided = provide(db, task, settings.historyWindow);
  const compressed = compress(provided, settings.contextTokens - systemTokens);
  logEvent(db, task.agentId, EventType.ContextAssembled, {
    messages_available: provided.history.length + 1,
    messages_used: compressed.history.length + 1,
    messages_cut: compressed.cut,
    system_tokens: systemTokens,
    history_tokens: compressed.historyTokens,
    message_tokens: compressed.messageTokens,
  });
  return assemble(systemPrompt, compressed);
}
