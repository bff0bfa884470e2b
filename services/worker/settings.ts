import { z } from "zod";
import { custom, processSettings, requiredText, text, url, wholeNumber, yesOrNo } from "../../shared/config.ts";
import { dailyBudgetUsd } from "../../shared/daily-budget-setting.ts";
import type { AllowedChats, OwnerChat } from "./intake/access.ts";

const allowedChats = z
  .string()
  .regex(/^(\*|-?\d+(\s*,\s*-?\d+)*)?$/)
  .default("")
  .transform((list): AllowedChats => {
    if (list === "*") return { kind: "everyone" };
    return { kind: "listed", ids: new Set(list === "" ? [] : list.split(",").map(Number)) };
  });

export const workerSettings = {
  ...processSettings,
  PARENT_PROCESS_ID: requiredText({
    about: "The supervisor's process.started; given by it.",
    expected: "the id of an event, as the supervisor gives it: a worker is started by the supervisor, not by hand",
    pattern: /^[1-9]\d*$/,
  }),
  WORKER_INSTANCE: requiredText({
    about: "The name of this start of a worker; given by the supervisor.",
    expected: "a name such as 12.3, as the supervisor gives it",
  }),
  TELEGRAM_BOT_TOKEN: requiredText({
    about: "The bot's token. Unset: the local Telegram of the console.",
    expected: "a bot token as @BotFather shows it: digits, a colon, and a text",
    pattern: /^[1-9]\d*:\S+$/,
  }),
  TELEGRAM_API_ROOT: url({ about: "The Bot API server.", default: "https://api.telegram.org" }),
  TELEGRAM_ALLOWED_CHATS: custom<AllowedChats>({
    schema: allowedChats,
    about:
      "The ids of the chats or people that are answered, separated by commas; `*` is everyone. Unset: whoever gives the code that the worker's log shows, as `/pair CODE`, is the owner, and answered alone.",
    expected: "chat ids separated by commas, or * for everyone",
    default: "nobody",
  }),
  TELEGRAM_OWNER_CHAT: custom<OwnerChat>({
    schema: z
      .string()
      .regex(/^(\*|-?\d+)$/)
      .optional()
      .transform((id): OwnerChat => (id === "*" ? "every chat" : id === undefined ? null : Number(id))),
    about:
      "The id of the owner's chat, which is told of rollbacks and may deploy. Unset: the paired one, or the first of TELEGRAM_ALLOWED_CHATS; with `*` there, rollbacks are told to the chat answered last. `*` here: every chat that is answered.",
    expected: "the id of a chat, or *",
    default: null,
  }),
  TG_POLL_SECONDS: wholeNumber({
    about: "How long Telegram may hold a poll open.",
    default: 50,
    min: 1,
    max: 50,
  }),
  TG_DROP_PENDING: yesOrNo({
    about: "Whether, at a bot's very first start, old messages that waited for it are left unanswered.",
    default: true,
  }),
  TG_PENDING_MAX_MESSAGES: wholeNumber({
    about: "Of those, the newest so many are answered all the same …",
    default: 50,
  }),
  TG_PENDING_WINDOW_SECONDS: wholeNumber({ about: "… if they are no older than this.", default: 600 }),
  TG_HISTORY_WINDOW: wholeNumber({ about: "How many earlier messages of the chat the model is shown.", default: 12 }),
  OPENAI_API_KEY: requiredText({
    about: "The key of the model's provider. Unset: the local model of the console.",
    expected: "the provider's key, without spaces; for a server that needs none, any text, such as none",
    // What no header can carry would throw at the first message, and look like a crash of this revision.
    pattern: /^[\x21-\x7e]+$/,
  }),
  OPENAI_BASE_URL: url({ about: "An OpenAI-compatible server.", default: "https://api.openai.com/v1" }),
  OPENAI_MODEL: text({ about: "The model.", default: "gpt-5-mini" }),
  OPENAI_TIMEOUT_SECONDS: wholeNumber({
    about: "How long one whole answer of the model may take; after half of it, it has to have begun.",
    default: 120,
    min: 1,
  }),
  MAX_RETRIES: wholeNumber({
    about: "How often a message is tried again when the model fails for now, before its chat is told.",
    default: 3,
    max: 100,
  }),
  DAILY_BUDGET_USD: dailyBudgetUsd,
  MODEL_PRICES_FILE: custom<string | null>({
    schema: z
      .string()
      .optional()
      .transform((file) => file ?? null),
    about: "A list of model prices, of the shape of `services/worker/control/prices.json`, on the state volume.",
    expected: "the path of a JSON file",
    default: null,
  }),
  OPENAI_IDLE_SECONDS: wholeNumber({
    about: "How long its stream may bring nothing at all; raise it for a model that thinks long in silence.",
    default: 30,
    min: 1,
  }),
  OPENAI_FALLBACK_MODELS: custom<readonly string[]>({
    schema: z
      .string()
      .regex(/^[^\s,]+(\s*,\s*[^\s,]+)*$/)
      .optional()
      .transform((list) => list?.split(/\s*,\s*/) ?? []),
    about: "Models of the same server, separated by commas, that are tried in order when no retry can mend a refusal.",
    expected: "names of models separated by commas",
    default: null,
  }),
  WORKER_CONCURRENCY: wholeNumber({ about: "How many chats are answered at once.", default: 16, min: 1, max: 1000 }),
  STOP_GRACE_SECONDS: wholeNumber({
    about: "How long a worker may take to finish after SIGTERM before it is killed.",
    default: 30,
  }),
  AGENT_PROMPT_FILE: custom<string | null>({
    schema: z
      .string()
      .optional()
      .transform((file) => file ?? null),
    about: "A file with the system prompt, as the worker sees it. Unset: the built-in one.",
    expected: "the path of a file",
    default: null,
  }),
  CONTEXT_TOKENS: wholeNumber({
    about: "How many tokens, estimated, of prompt, tools and earlier messages the model is shown for a message.",
    default: 16_000,
    min: 1000,
  }),
  MAX_TURNS: wholeNumber({ about: "How often the model may be asked for one message.", default: 8, min: 1 }),
  MAX_WALL_SECONDS: wholeNumber({ about: "How long it may take to find an answer.", default: 120, min: 1 }),
  MAX_TOKENS: wholeNumber({
    about: "How many tokens, in and out, an answer may take; the context has at most half of them.",
    default: 50_000,
    min: 2000,
  }),
  MAX_ANSWER_TOKENS: wholeNumber({
    about:
      "How many tokens a single answer of the model may have; its server may refuse to be asked for more than it can give.",
    default: 8000,
    min: 256,
  }),
};
