import type { PollAnswer, UpdateSource } from "./intake.ts";

export interface FakeUpdateSource extends UpdateSource {
  /** The polls that came: "offset/timeout". */
  readonly polls: string[];
  /** The next answers, in order; after them a poll waits until it is aborted. */
  answerWith(...answers: PollAnswer[]): void;
  /** Resolves when a poll waits because nothing is left to answer. */
  readonly idle: Promise<void>;
}

export const updates = (...list: unknown[]): PollAnswer => ({ kind: "updates", updates: list });

export const textUpdate = (updateId: number, text = `text ${updateId}`, chatId = 7) => ({
  update_id: updateId,
  message: { message_id: updateId, date: 1_900_000_000, chat: { id: chatId, type: "private" }, text },
});

export function createFakeUpdateSource(): FakeUpdateSource {
  const polls: string[] = [];
  const answers: PollAnswer[] = [];
  const idle = Promise.withResolvers<void>();
  return {
    polls,
    idle: idle.promise,
    answerWith: (...more) => void answers.push(...more),
    async poll(offset, timeoutSeconds, signal) {
      polls.push(`${offset}/${timeoutSeconds}`);
      const answer = answers.shift();
      if (answer) return answer;
      idle.resolve();
      return new Promise((_, reject) => {
        if (signal.aborted) reject(signal.reason);
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    },
  };
}
