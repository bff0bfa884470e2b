import { Api, GrammyError } from "grammy";
import { createScrubber } from "../../shared/redact.ts";
import type { Sender, SendResult } from "./delivery.ts";
import { longestPollMs, type PollAnswer, type UpdateSource } from "./intake.ts";
import { ALLOWED_UPDATES } from "./updates.ts";

export interface TelegramSettings {
  readonly token: string;
  readonly apiRoot: string;
  readonly pollSeconds: number;
}

/** grammY's client as our two ports. Polling is our own loop: `bot.start()` keeps an offset and throws on a 409. */
export function createTelegram(settings: TelegramSettings): UpdateSource & Sender {
  const { token, apiRoot, pollSeconds } = settings;
  const withoutToken = createScrubber([token]); // a failed request's message holds its URL, and that the token
  // For polls and sends alike; with the client's default a connection that was cut would hang for 500 s.
  const api = new Api(token, { apiRoot, timeoutSeconds: longestPollMs(pollSeconds) / 1000 });
  return {
    async poll(offset, timeoutSeconds, signal) {
      const question = { offset, timeout: timeoutSeconds, allowed_updates: ALLOWED_UPDATES };
      try {
        const updates: unknown = await api.getUpdates(question, forGrammy(signal));
        if (Array.isArray(updates)) return { kind: "updates", updates };
        return { kind: "unreachable", detail: "the answer holds no list of updates" };
      } catch (error) {
        signal.throwIfAborted();
        return pollProblem(error, withoutToken);
      }
    },
    async send(chatId, text, signal) {
      try {
        const message = await api.sendMessage(chatId, text, {}, forGrammy(signal));
        return { kind: "sent", messageId: message.message_id };
      } catch (error) {
        signal.throwIfAborted();
        return sendProblem(error, withoutToken);
      }
    },
    async showTyping(chatId, signal) {
      await api.sendChatAction(chatId, "typing", {}, forGrammy(signal)).catch(() => {}); // a courtesy: nothing depends on it
    },
  };
}

/** The bot's id, which its token begins with. */
export function botIdOf(token: string): number {
  return Number(token.split(":", 1)[0]);
}

/** grammY types its signal after a polyfill that lacks the newer members; at run time it takes the platform's. */
function forGrammy(signal: AbortSignal): Parameters<Api["getUpdates"]>[1] {
  return signal as Parameters<Api["getUpdates"]>[1];
}

function pollProblem(error: unknown, clean: (text: string) => string): PollAnswer {
  if (!(error instanceof GrammyError)) return { kind: "unreachable", detail: clean(reasonOf(error)) };
  const { error_code: code, description: detail } = error;
  if (code === 409) return { kind: "conflict" };
  if (code === 401 || code === 404) return { kind: "unauthorised", detail };
  const retryAfterMs = retryAfter(error);
  return retryAfterMs === null ? { kind: "unreachable", detail } : { kind: "rate limited", retryAfterMs };
}

/** What no connection was made for was not sent. */
const NOT_CONNECTED = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

function sendProblem(error: unknown, clean: (text: string) => string): SendResult {
  if (!(error instanceof GrammyError)) {
    return { kind: NOT_CONNECTED.has(codeOf(error)) ? "not sent" : "uncertain", detail: clean(reasonOf(error)) };
  }
  const retryAfterMs = retryAfter(error);
  if (retryAfterMs !== null) return { kind: "rate limited", retryAfterMs };
  const { error_code: code, description: detail } = error;
  if (code === 401 || code === 404) return { kind: "unauthorised", detail };
  return { kind: code >= 500 ? "uncertain" : "refused", detail };
}

function retryAfter({ error_code, parameters }: GrammyError): number | null {
  return error_code === 429 ? (parameters.retry_after ?? 1) * 1000 : null;
}

/** grammY wraps what went wrong; its own message only says that something did. */
function causeOf(error: unknown): unknown {
  return error instanceof Error && "error" in error ? error.error : error;
}

function reasonOf(error: unknown): string {
  const cause = causeOf(error);
  return cause instanceof Error ? cause.message : String(cause);
}

function codeOf(error: unknown): string {
  return String((causeOf(error) as { code?: unknown } | null)?.code);
}
