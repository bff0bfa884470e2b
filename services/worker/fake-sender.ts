import type { Sender, SendResult } from "./delivery.ts";

export interface FakeSender extends Sender {
  readonly sent: { readonly chatId: number; readonly text: string }[];
  /** The next results, in order; after them all are sent. */
  answerWith(...results: SendResult[]): void;
}

export function createFakeSender(): FakeSender {
  const results: SendResult[] = [];
  const sent: { chatId: number; text: string }[] = [];
  return {
    sent,
    answerWith: (...more) => void results.push(...more),
    async send(chatId, text) {
      sent.push({ chatId, text });
      return results.shift() ?? { kind: "sent", messageId: 1000 + sent.length };
    },
    showTyping: async () => {},
  };
}
