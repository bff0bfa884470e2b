import { z } from "zod";
import { custom, processSettings, readSettings, text, wholeNumber } from "../../shared/config.ts";
import { dailyBudgetUsd } from "../../shared/daily-budget-setting.ts";
import { requestsSettings } from "../../shared/requests/requests-directory.ts";
import { SetupError } from "../../shared/setup-error.ts";
import { isLoopback } from "./loopback.ts";

const port = (options: { about: string; default: number }) => wholeNumber({ ...options, min: 0, max: 65_535 });

export const consoleSettings = {
  ...processSettings,
  ...requestsSettings,
  CONSOLE_HOST: text({ about: "The address on which the chat page listens.", default: "127.0.0.1" }),
  CONSOLE_PORT: port({ about: "The chat page's port.", default: 8080 }),
  CONSOLE_PUBLISHED: text({
    about: "The host's address on which compose publishes the chat page; any but 127.0.0.1 needs a CONSOLE_TOKEN.",
    default: "",
  }),
  CONSOLE_PUBLISHED_PORT: port({
    about: "The host's port on which compose publishes it. 0: CONSOLE_PORT.",
    default: 0,
  }),
  CONSOLE_TOKEN: text({
    about: "What the chat page asks of its visitors, of 16 characters or more. Unset: nothing.",
    default: "",
    pattern: /^.{16,}$/, // so that guessing is hopeless, however often it is tried
    expected: "a random text of at least 16 characters, such as openssl rand -hex 16 prints",
  }),
  CONSOLE_ALLOWED_HOSTS: custom({
    schema: z
      .string()
      .default("127.0.0.1,localhost,[::1]")
      .transform((list) => list.split(",").map((name) => name.trim().toLowerCase()))
      .pipe(z.array(z.string().regex(/^(\[[0-9a-f:.]+\]|[^\s:/[\]]+)$/))),
    about: "The names, without port, by which browsers may call the chat page; another is refused (DNS rebinding).",
    expected: "a comma-separated list of host names without ports",
    default: "127.0.0.1,localhost,[::1]",
  }),
  DAILY_BUDGET_USD: dailyBudgetUsd,
  LOCAL_HOST: text({ about: "The address on which the local Bot API and model listen.", default: "127.0.0.1" }),
  LOCAL_PORT: port({ about: "The local Bot API's and model's port.", default: 8081 }),
  LOCAL_MODEL_LATENCY_MS: wholeNumber({
    about: "How long the local model thinks, in milliseconds.",
    default: 300,
    max: 600_000,
  }),
};

export type ConsoleSettings = ReturnType<typeof readConsoleSettings>;

/** Throws a SetupError that lists what is wrong, also when anyone on the network could open the page. */
export function readConsoleSettings(environment?: Readonly<Record<string, string | undefined>>) {
  const settings = readSettings(consoleSettings, environment);
  const published = settings.CONSOLE_PUBLISHED || settings.CONSOLE_HOST;
  if (!settings.CONSOLE_TOKEN && !isLoopback(published)) {
    throw new SetupError([
      `The chat page would be open to everyone who reaches ${published}. Set CONSOLE_TOKEN to a long random text that its visitors must know, or publish it on 127.0.0.1 only (CONSOLE_HOST, and in a container CONSOLE_PUBLISHED).`,
    ]);
  }
  return { ...settings, CONSOLE_PUBLISHED: published };
}

/** Where a person finds the page: as it is published, which in a container is not where it listens. */
export function pageAddress(
  { CONSOLE_PUBLISHED: host, CONSOLE_PUBLISHED_PORT: port }: ConsoleSettings,
  listensOn: number,
) {
  return `http://${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${port || listensOn}`;
}
