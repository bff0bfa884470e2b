/**
 * The settings that a worker reads. The supervisor, which starts it, gives it these and no others: what else an operator
 * keeps in `.env` is none of its business. A test compares them with the worker's own.
 */
export const WORKER_SETTING_NAMES: readonly string[] = [
  "LOG_LEVEL",
  "LOG_FORMAT",
  "TELEGRAM_BOT_TOKEN",
  "TELEGRAM_API_ROOT",
  "TELEGRAM_ALLOWED_CHATS",
  "TELEGRAM_OWNER_CHAT",
  "TG_POLL_SECONDS",
  "TG_DROP_PENDING",
  "TG_PENDING_MAX_MESSAGES",
  "TG_PENDING_WINDOW_SECONDS",
  "TG_HISTORY_WINDOW",
  "OPENAI_API_KEY",
  "OPENAI_BASE_URL",
  "OPENAI_MODEL",
  "OPENAI_TIMEOUT_SECONDS",
  "MAX_RETRIES",
  "DAILY_BUDGET_USD",
  "MODEL_PRICES_FILE",
  "OPENAI_IDLE_SECONDS",
  "OPENAI_FALLBACK_MODELS",
  "WORKER_CONCURRENCY",
  "STOP_GRACE_SECONDS",
  "AGENT_PROMPT_FILE",
  "CONTEXT_TOKENS",
  "MAX_TURNS",
  "MAX_WALL_SECONDS",
  "MAX_TOKENS",
  "MAX_ANSWER_TOKENS",
];

/** Settings of an operator's own image. */
export const OWN_SETTING_PREFIX = "AGENT_";

/** What Node and its TLS read by themselves, as a worker behind a company's proxy needs it. */
export const PLATFORM_SETTING_NAMES: readonly string[] = [
  "TZ",
  "NODE_EXTRA_CA_CERTS",
  "NODE_USE_ENV_PROXY",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
];
