import type { Command, Done, EditResult, OutgoingMessage, Sender, SendResult } from "./sender.ts";

export interface FakeSender extends Sender {
  readonly sent: ({ readonly chatId: number } & OutgoingMessage)[];
  readonly edited: ({ readonly chatId: number; readonly messageId: number } & OutgoingMessage)[];
  readonly removed: { readonly chatId: number; readonly messageId: number }[];
  readonly answeredButtons: { readonly callbackId: string; readonly text: string | null }[];
  /** As they were set last. */
  commands(): readonly Command[];
  /** The next results of sends, in order; after them all are sent. */
  answerWith(...results: SendResult[]): void;
  /** The next results of edits, in order; after them all are sent. */
  answerEditsWith(...results: EditResult[]): void;
}

export function createFakeSender(): FakeSender {
  const sendResults: SendResult[] = [];
  const editResults: EditResult[] = [];
  let commands: readonly Command[] = [];
  const fake: Omit<FakeSender, keyof Sender> = {
    sent: [],
    edited: [],
    removed: [],
    answeredButtons: [],
    commands: () => commands,
    answerWith: (...more) => void sendResults.push(...more),
    answerEditsWith: (...more) => void editResults.push(...more),
  };
  return {
    ...fake,
    async send(chatId, message) {
      fake.sent.push({ chatId, ...message });
      if (!isTaken(message)) return NOT_TAKEN;
      return sendResults.shift() ?? { kind: "sent", messageId: 1000 + fake.sent.length };
    },
    async edit(chatId, messageId, message) {
      fake.edited.push({ chatId, messageId, ...message });
      if (!isTaken(message)) return NOT_TAKEN;
      return editResults.shift() ?? { kind: "sent", messageId };
    },
    async remove(chatId, messageId) {
      fake.removed.push({ chatId, messageId });
      return DONE;
    },
    async answerButton(callbackId, text) {
      fake.answeredButtons.push({ callbackId, text });
      return DONE;
    },
    async setCommands(list) {
      commands = list;
      return DONE;
    },
    showTyping: async () => DONE,
  };
}

/** As Telegram does: a message has a text, and at most 4096 units of it. */
function isTaken({ text }: OutgoingMessage): boolean {
  return text.trim() !== "" && text.length <= 4096 && text.isWellFormed();
}

const NOT_TAKEN = { kind: "refused", detail: "Bad Request: message is empty, or too long" } as const;
const DONE: Done = { kind: "done" };
