import type { ChatMessage, ModelRequest } from "./model.ts";
import type { ProviderProblem } from "./refusals.ts";

/** In what form a server takes a request: compatible servers are so to a degree. */
export interface RequestForm {
  readonly delivery: "stream with usage" | "stream" | "in one piece";
  readonly limit: "max_completion_tokens" | "max_tokens";
}

export const NEWEST_FORM: RequestForm = { delivery: "stream with usage", limit: "max_completion_tokens" };

/** The form to ask in instead, when a request was refused for its form; null when it was for something else. */
export function formAfter(form: RequestForm, problem: ProviderProblem): RequestForm | null {
  if (problem.status !== 400 && problem.status !== 422) return null;
  if (problem.said.includes(form.limit) && form.limit !== "max_tokens") return { ...form, limit: "max_tokens" };
  if (form.delivery === "stream with usage" && /stream_options|include_usage/.test(problem.said)) {
    return { ...form, delivery: "stream" };
  }
  const isRefusedAsStream = form.delivery !== "in one piece" && /\bstream(ing|ed)?\b/i.test(problem.said);
  return isRefusedAsStream ? { ...form, delivery: "in one piece" } : null;
}

/** https://platform.openai.com/docs/api-reference/chat/create */
export function requestBody(model: string, { messages, tools, maxOutputTokens }: ModelRequest, form: RequestForm) {
  return {
    model,
    messages: messages.map(toMessage),
    ...(tools.length > 0 ? { tools: tools.map((tool) => ({ type: "function" as const, function: tool })) } : {}),
    ...(maxOutputTokens === null ? {} : { [form.limit]: maxOutputTokens }),
    ...(form.delivery === "in one piece" ? {} : { stream: true }),
    ...(form.delivery === "stream with usage" ? { stream_options: { include_usage: true } } : {}),
  };
}

function toMessage(message: ChatMessage) {
  if (message.role === "tool") return { role: message.role, tool_call_id: message.callId, content: message.content };
  if (message.role !== "assistant") return message;
  const { role, content } = message;
  if (message.toolCalls.length === 0) return { role, content };
  const tool_calls = message.toolCalls.map(({ id, ...called }) => ({
    id,
    type: "function" as const,
    function: called,
  }));
  return { role, content, tool_calls };
}
