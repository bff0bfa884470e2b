import type { ChatMessage, Completion, Model, ModelRequest, Refusal, RefusalReason } from "./model.ts";

export interface FakeModel extends Model {
  /** What it was shown, call by call. */
  readonly shown: (readonly ChatMessage[])[];
  /** The whole of what it was asked, call by call. */
  readonly asked: ModelRequest[];
  /** The next answers, in order; after them it says "reply to …". */
  answerWith(...answers: (Completion | Refusal)[]): void;
  /** Until `let go` is called, it thinks. Resolves when a call has come. */
  hold(): { readonly called: Promise<void>; readonly letGo: () => void };
}

export const completion = (content: string): Completion => ({
  kind: "completed",
  content,
  toolCalls: [],
  inputTokens: 11,
  cachedTokens: null,
  outputTokens: 7,
  finishReason: "stop",
});

/** A completion that calls one tool, with these arguments. */
export const calling = (name: string, given: object, content = ""): Completion => ({
  ...completion(content),
  toolCalls: [{ id: "call_1", name, arguments: JSON.stringify(given) }],
  finishReason: "tool_calls",
});

export const refusal = (reason: RefusalReason, detail = "as told"): Refusal => ({
  kind: "refused",
  reason,
  detail,
  retryAfterMs: null,
});

export function createFakeModel(name = "fake"): FakeModel {
  const shown: (readonly ChatMessage[])[] = [];
  const asked: ModelRequest[] = [];
  const queued: (Completion | Refusal)[] = [];
  let held: { readonly call: () => void; readonly released: Promise<void> } | null = null;
  return {
    name,
    shown,
    asked,
    answerWith: (...answers) => void queued.push(...answers),
    hold() {
      const called = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      held = { call: called.resolve, released: released.promise };
      return { called: called.promise, letGo: released.resolve };
    },
    async complete(request, signal) {
      const { messages, onText } = request;
      shown.push(messages);
      asked.push(request);
      if (held) {
        const { call, released } = held;
        const aborted = new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
        call();
        await Promise.race([released, aborted]);
      }
      const answer = queued.shift() ?? completion(`reply to ${messages.at(-1)?.content}`);
      if (answer.kind === "completed") onText(answer.content);
      return answer;
    },
  };
}
