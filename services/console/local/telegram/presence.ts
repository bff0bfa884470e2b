import type { Clock } from "../../../../shared/clock.ts";
import type { Bell } from "./bell.ts";

/** Between two polls the bot is busy for a moment, or pauses after a fault. A dead bot's poll ends with its connection. */
const CONNECTED_FOR_MS = 5_000;

/** "The status is set for 5 seconds or less" (https://core.telegram.org/bots/api#sendchataction). */
const TYPING_FOR_MS = 5_000;

/** Long enough to read a line; a notice that nobody was there to see is not worth showing later. */
const NOTICE_FOR_MS = 5_000;

/** What answerCallbackQuery tells the person who pressed. */
export interface Notice {
  readonly id: number;
  readonly text: string;
}

/** What a person in a chat sees of the bot besides its messages. */
export interface Seen {
  /** `unseen`: it has not polled since this server started; perhaps it is another Telegram's bot. */
  readonly agent: "connected" | "gone" | "unseen";
  readonly typing: boolean;
  readonly notice: Notice | null;
}

/** What is true for a moment and is not stored: after a restart the bot polls again, and types again. */
export interface Presence {
  pollStarted(): void;
  pollEnded(): void;
  typing(chatId: number): void;
  stoppedTyping(chatId: number): void;
  notify(chatId: number, notice: Notice): void;
  seenIn(chatId: number): Seen;
}

/** @param changed rung when something becomes true; what ends with time alone is found by looking again */
export function createPresence(clock: Clock, changed: Bell): Presence {
  let openPolls = 0;
  let lastPollEnded = Number.NEGATIVE_INFINITY;
  const typingUntil = new Map<number, number>();
  const notices = new Map<number, { readonly notice: Notice; readonly until: number }>();
  const agent = (): Seen["agent"] => {
    if (openPolls > 0 || clock.now() - lastPollEnded < CONNECTED_FOR_MS) return "connected";
    return lastPollEnded === Number.NEGATIVE_INFINITY ? "unseen" : "gone";
  };

  return {
    pollStarted() {
      const isNews = agent() !== "connected";
      openPolls += 1;
      if (isNews) changed.ring();
    },
    pollEnded() {
      openPolls -= 1;
      lastPollEnded = clock.now();
    },
    typing(chatId) {
      typingUntil.set(chatId, clock.now() + TYPING_FOR_MS);
      changed.ring();
    },
    stoppedTyping: (chatId) => void typingUntil.delete(chatId),
    notify(chatId, notice) {
      notices.set(chatId, { notice, until: clock.now() + NOTICE_FOR_MS });
      changed.ring();
    },
    seenIn(chatId) {
      const known = notices.get(chatId);
      return {
        agent: agent(),
        typing: (typingUntil.get(chatId) ?? 0) > clock.now(),
        notice: known && known.until > clock.now() ? known.notice : null,
      };
    },
  };
}
