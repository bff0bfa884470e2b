import { Api, type ApiClientOptions, GrammyError } from "grammy";
import type { MessageEntity } from "grammy/types";
import { createScrubber } from "../../shared/redact.ts";
import { botApiFetch } from "./bot-api-fetch.ts";
import { type BotApiError, isRemoved, toEditResult, toFailure } from "./delivery/bot-api-failure.ts";
import type { Done, EditResult, Failure, OutgoingMessage, Sender, SendResult } from "./delivery/sender.ts";
import { longestPollMs, type PollAnswer, type UpdateSource } from "./intake/intake.ts";
import type { NameSource } from "./intake/own-name.ts";
import { ALLOWED_UPDATES } from "./intake/updates.ts";

export interface TelegramSettings {
  readonly token: string;
  readonly apiRoot: string;
  readonly pollSeconds: number;
}

/** grammY's client as our ports. Polling is our own loop: `bot.start()` keeps an offset and throws on a 409. */
export function createTelegram(settings: TelegramSettings): UpdateSource & NameSource & Sender {
  const { token, apiRoot, pollSeconds } = settings;
  const withoutToken = createScrubber([token]); // a failed request's message holds its URL, and that the token
  // For polls and sends alike; with the client's default a connection that was cut would hang for 500 s.
  const timeoutSeconds = longestPollMs(pollSeconds) / 1000;
  const api = new Api(token, { apiRoot, timeoutSeconds, fetch: botApiFetch as unknown as GrammyFetch });
  async function answered<Result>(
    signal: AbortSignal,
    ask: () => Promise<Result>,
    judge: (error: BotApiError) => Result | Failure = toFailure,
  ): Promise<Result | Failure> {
    try {
      return await ask();
    } catch (error) {
      signal.throwIfAborted();
      return error instanceof GrammyError ? judge(toError(error)) : withoutAnswer(error, withoutToken);
    }
  }

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
    ownName: (signal) =>
      answered<Awaited<ReturnType<NameSource["ownName"]>>>(signal, async () => {
        const { username } = await api.getMe(forGrammy(signal));
        return username ? { kind: "named", username } : { kind: "refused", detail: "it says no username" };
      }),
    send: (chatId, { text, ...how }, signal) =>
      answered<SendResult>(signal, async () => {
        const message = await api.sendMessage(chatId, text, toOptions(how), forGrammy(signal));
        return { kind: "sent", messageId: message.message_id };
      }),
    edit: (chatId, messageId, { text, ...how }, signal) =>
      answered<EditResult>(
        signal,
        async () => {
          await api.editMessageText(chatId, messageId, text, toOptions(how), forGrammy(signal));
          return { kind: "sent", messageId };
        },
        (error) => toEditResult(error, messageId),
      ),
    remove: (chatId, messageId, signal) =>
      answered<Done>(
        signal,
        async () => {
          await api.deleteMessage(chatId, messageId, forGrammy(signal));
          return DONE;
        },
        (error) => (isRemoved(error) ? DONE : toFailure(error)),
      ),
    answerButton: (callbackId, text, signal) =>
      answered<Done>(signal, async () => {
        await api.answerCallbackQuery(callbackId, text === null ? {} : { text }, forGrammy(signal));
        return DONE;
      }),
    setCommands: (commands, signal) =>
      answered<Done>(signal, async () => {
        await api.setMyCommands(commands, {}, forGrammy(signal));
        return DONE;
      }),
    showTyping: (chatId, signal) =>
      answered<Done>(signal, async () => {
        await api.sendChatAction(chatId, "typing", {}, forGrammy(signal));
        return DONE;
      }),
  };
}

/** Of an answer, grammY reads the JSON and nothing else. */
type GrammyFetch = NonNullable<ApiClientOptions["fetch"]>;

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

function withoutAnswer(error: unknown, clean: (text: string) => string): Failure {
  return { kind: NOT_CONNECTED.has(codeOf(error)) ? "not sent" : "uncertain", detail: clean(reasonOf(error)) };
}

const DONE: Done = { kind: "done" };

function toError({ error_code: code, description, parameters }: GrammyError): BotApiError {
  const { retry_after: retryAfterSeconds, migrate_to_chat_id: migrateToChatId } = parameters;
  return { code, description, retryAfterSeconds, migrateToChatId };
}

/** A preview is fetched by Telegram's servers as soon as a message is there, and carries out what its address says. */
const NO_PREVIEW = { is_disabled: true };

/** How whatever is sent or edited is to be shown. */
function toOptions({ entities, buttons }: Omit<OutgoingMessage, "text">) {
  const keyboard = buttons?.map((row) => row.map(({ text, data }) => ({ text, callback_data: data })));
  return {
    link_preview_options: NO_PREVIEW,
    ...(entities ? { entities: entities as MessageEntity[] } : {}), // ours are some of Telegram's, by the port's type
    ...(keyboard ? { reply_markup: { inline_keyboard: keyboard } } : {}),
  };
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
