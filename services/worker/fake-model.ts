import type { ChatMessage, Completion, Model, Refusal } from "./model/model.ts";

export interface FakeModel extends Model {
  /** What it was shown, call by call. */
  readonly shown: (readonly ChatMessage[])[];
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

export function createFakeModel(): FakeModel {
  const shown: (readonly ChatMessage[])[] = [];
  const queued: (Completion | Refusal)[] = [];
  let held: { readonly call: () => void; readonly released: Promise<void> } | null = null;
  return {
    name: "fake",
    shown,
    answerWith: (...answers) => void queued.push(...answers),
    hold() {
      const called = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      held = { call: called.resolve, released: released.promise };
      return { called: called.promise, letGo: released.resolve };
    },
    async complete({ messages, onText }, signal) {
      shown.push(messages);
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
