import { followingSignal } from "../../../shared/clock.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { type Task, wasStopped } from "../queue/claims.ts";
import { abandonDraft } from "./abandon-draft.ts";
import type { DeliveryPorts } from "./delivery-ports.ts";
import { earlierSends } from "./earlier-sends.ts";
import { endDraft } from "./end-draft.ts";
import { firstPartSoFar, MESSAGE_LIMIT, toParts } from "./parts.ts";
import { isRefusal, recordRefusal } from "./refused-send.ts";
import { sendPlaceholder } from "./send-placeholder.ts";
import type { EditResult, OutgoingMessage } from "./sender.ts";
import { keepTyping } from "./typing.ts";
import { pauseAfter } from "./wait-out.ts";

/**
 * A message that an answer is written into while it is made:
 *
 *   not there ─ answer not ready after 1 s ─▶ sent with "…" or what there is ─ more text, once a second ─▶ edited
 *
 * `reply.sent {draft}` has its id, so the answer takes its place, also after a crash. When its send was lost, the chat
 * does not take it, or an edit was cut off, the answer is sent anew. What stays in the chat then is a draft that could
 * not be removed, or one that arrived although Telegram's answer to its send did not, or this process died before it
 * had recorded that: nobody knows its id.
 */
export interface Draft {
  /** All of the answer's text so far. */
  show(textSoFar: string): void;
  /** Resolves once no request of the draft is under way; its message is then free to be edited. */
  stop(): Promise<void>;
  /** After `stop`: how long the chat is to be left alone. */
  pauseMs(): number;
  /** After `stop`. */
  state(): DraftState;
  /** After `stop`, when nothing takes its place: a line below what it shows. Tried once; never rejects. */
  close(line: string): Promise<void>;
}

/** `lost`: it may have arrived, and its id is not known. */
export type DraftState = "never begun" | "begun" | "lost";

/** Who is answered sooner than this has not waited. */
const TYPING_AFTER_MS = 500;
/** Answers that come sooner are one message. */
const PLACEHOLDER_AFTER_MS = 1000;
/** "Avoid sending more than one message per second" in a chat (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits). */
const EDIT_EVERY_MS = 1000;
/**
 * The answer is there, or the worker is to stop: a request of the draft that hangs may not hold this up for longer. Cut
 * off at once, a placeholder would often stay in the chat without anybody knowing its id.
 */
const LAST_REQUEST_MS = 3000;

const STOPPED = "the draft is over";

const PLACEHOLDER: OutgoingMessage = { text: "…" };

/** @param signal the task's; when it aborts, nothing more is written */
export function createDraft(ports: DeliveryPorts, task: Task, signal: AbortSignal): Draft {
  const { db, clock, sender } = ports;
  const startedAt = clock.monotonicMs();
  const asking = new AbortController();
  const making = followingSignal(signal);
  let text = "";
  let hasBegun = false;
  let state: DraftState = "never begun";
  let mayAskAt = 0;
  let messageId: number | null = null;
  const working = clock.sleep(TYPING_AFTER_MS, making.signal).then(async () => {
    hasBegun = !making.signal.aborted;
    if (hasBegun) await Promise.all([write(), keepTyping(ports, task.chatId, making.signal)]);
  });
  working.catch(() => {}); // until stop() awaits it, which tells

  return {
    show: (textSoFar) => {
      text = textSoFar;
    },
    async stop() {
      making.abort(STOPPED);
      making.unfollow();
      if (!hasBegun) return;
      const limit = new AbortController();
      await Promise.race([working, clock.sleep(LAST_REQUEST_MS, limit.signal)]);
      limit.abort();
      asking.abort();
      await working;
    },
    pauseMs: () => mayAskAt - clock.monotonicMs(),
    state: () => state,
    async close(line) {
      if (messageId === null) return;
      const [shown] = toParts(text.slice(0, MESSAGE_LIMIT), "markdown", MESSAGE_LIMIT - line.length - 2);
      const message = shown ? { ...shown, text: `${shown.text}\n\n${line}` } : { text: line };
      const limit = new AbortController();
      const draft = { agentId: task.agentId, chatId: task.chatId, messageId };
      const edited = endDraft(ports, draft, message, limit.signal).catch(() => {}); // it took too long
      await Promise.race([edited, clock.sleep(LAST_REQUEST_MS, limit.signal)]);
      limit.abort();
      await edited;
    },
  };

  async function write(): Promise<void> {
    await clock.sleep(startedAt + PLACEHOLDER_AFTER_MS - clock.monotonicMs(), making.signal);
    if (making.signal.aborted) return;
    const earlier = earlierSends(db, task);
    if (earlier.draftIsLost && earlier.draft === null) return;
    state = "begun";
    messageId = earlier.draft;
    let shown = "";
    for (let failures = 0; !making.signal.aborted; ) {
      const message = firstPartSoFar(text) ?? PLACEHOLDER;
      const isNews = messageId === null || (message !== PLACEHOLDER && JSON.stringify(message) !== shown);
      if (isNews) {
        const result = await put(messageId, message);
        if (result === null || END.has(result.kind)) return;
        if (result.kind === "sent") {
          messageId = result.messageId;
          shown = JSON.stringify(message);
        }
        failures = result.kind === "sent" ? 0 : failures + 1;
        const pause = result.kind === "rate limited" ? result.retryAfterMs : pauseAfter(Math.max(failures - 1, 0));
        mayAskAt = clock.monotonicMs() + pause;
      }
      await clock.sleep(Math.max(mayAskAt - clock.monotonicMs(), EDIT_EVERY_MS), making.signal);
    }
  }

  /** Null when it was cut off. */
  async function put(messageId: number | null, message: OutgoingMessage): Promise<EditResult | null> {
    try {
      if (messageId !== null) return await sender.edit(task.chatId, messageId, message, asking.signal);
      const place = { chat_id: task.chatId, part: 1, parts: 0, draft: true } as const;
      logEvent(db, task.agentId, EventType.ReplySending, place);
      state = "lost";
      const placeholder = { chatId: task.chatId, message, patience: asking.signal };
      const result = await sendPlaceholder(sender, placeholder, signal);
      if (result === null) return null;
      if (result.kind !== "uncertain") state = "begun";
      if (result.kind === "sent") {
        logEvent(db, task.agentId, EventType.ReplySent, { ...place, message_id: result.messageId });
      }
      if (isRefusal(result)) recordRefusal(db, task, place, result);
      return result.kind === "uncertain" ? null : result;
    } catch (error) {
      if (!asking.signal.aborted) throw error;
      const isToBeAnswered = !wasStopped(db, task);
      if (messageId !== null && isToBeAnswered) await abandonDraft(ports, task, messageId, signal);
      return null;
    }
  }
}

/** What the answer itself will be told again, and then recorded. */
const END: ReadonlySet<EditResult["kind"]> = new Set([
  "gone",
  "forbidden",
  "migrated",
  "unauthorised",
  "refused",
  "formatting refused",
]);
