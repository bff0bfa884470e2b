import type { ChatMessage, ToolDescription } from "../../model/model.ts";

/** In UTF-8. English has four and more to a token, Chinese about three: the estimate errs upwards. */
export const BYTES_PER_TOKEN = 3;

/** What a chat format puts around each message: its role and separators. */
export const TOKENS_AROUND_MESSAGE = 4;

/** Tokens as they are estimated before a provider has counted any. */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
}

export function tokensOfMessages(messages: readonly ChatMessage[]): number {
  return messages.reduce((sum, message) => sum + TOKENS_AROUND_MESSAGE + tokensWithin(message), 0);
}

export function tokensOfTools(tools: readonly ToolDescription[]): number {
  return tools.length === 0 ? 0 : estimateTokens(JSON.stringify(tools));
}

function tokensWithin(message: ChatMessage): number {
  const calls = message.role === "assistant" && message.toolCalls.length > 0 ? JSON.stringify(message.toolCalls) : "";
  return estimateTokens(message.content) + estimateTokens(calls);
}
