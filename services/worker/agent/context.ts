import type { Said } from "../../../shared/history.ts";
import type { ChatMessage } from "../model/model.ts";

const SYSTEM_PROMPT = "You are a helpful assistant in a Telegram chat. Answer briefly and plainly.";

/** What the model is shown: who it is, what was said before, and the message to answer. */
export function assembleContext(history: readonly Said[], text: string): ChatMessage[] {
  const before = history.flatMap(({ role, text: content }): ChatMessage[] => {
    if (role === "tool") return [];
    return role === "user" ? [{ role, content }] : [{ role, content, toolCalls: [] }];
  });
  return [{ role: "system", content: SYSTEM_PROMPT }, ...before, { role: "user", content: text }];
}
