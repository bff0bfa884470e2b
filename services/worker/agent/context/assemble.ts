import type { ChatMessage } from "../../model/model.ts";
import type { Compressed } from "./compress.ts";

/** What the model is shown, in order: who it is, what was said before, and the message to answer. */
export function assemble(systemPrompt: string, { history, message }: Compressed): ChatMessage[] {
  const before = history.map(
    ({ role, text: content }): ChatMessage => (role === "user" ? { role, content } : { role, content, toolCalls: [] }),
  );
  return [{ role: "system", content: systemPrompt }, ...before, { role: "user", content: message }];
}
