import { deadline } from "../../../shared/clock.ts";
import { bad, type Finding, good, lookAt, warning } from "./finding.ts";

const TIMEOUT_MS = 10_000;

export interface Upstreams {
  /** Null: the local Telegram, or the local model, takes its place. */
  readonly telegram: { readonly apiRoot: string; readonly token: string } | null;
  readonly model: { readonly baseUrl: string; readonly key: string; readonly name: string } | null;
}

/** Telegram and the model's provider, asked with the agent's own credentials for what costs nothing. */
export async function lookAtUpstreams({ telegram, model }: Upstreams, signal: AbortSignal): Promise<Finding[]> {
  return Promise.all([
    telegram ? token(telegram, signal) : local("token"),
    model ? provider(model, signal) : local("model"),
  ]);
}

function local(about: string): Finding {
  return good(about, "none is set: the local one takes its place");
}

function token({ apiRoot, token: secret }: NonNullable<Upstreams["telegram"]>, signal: AbortSignal): Promise<Finding> {
  const look = async () => {
    const answer = await fetch(`${apiRoot}/bot${secret}/getMe`, { signal: deadline(TIMEOUT_MS, signal) });
    if (answer.ok) {
      const { result } = (await answer.json()) as { result?: { readonly username?: string } };
      return good("token", `Telegram knows the bot as @${result?.username}`);
    }
    if (answer.status >= 500)
      return warning("token", `Telegram answers ${answer.status}`, "Wait: it is ill, not the token.");
    const remedy = "Set TELEGRAM_BOT_TOKEN to the token that @BotFather shows.";
    return bad("token", `Telegram refuses it (${answer.status})`, remedy);
  };
  return lookAt("token", look, `See that ${apiRoot} can be reached from here.`);
}

function provider({ baseUrl, key, name }: NonNullable<Upstreams["model"]>, signal: AbortSignal): Promise<Finding> {
  const look = async () => {
    const headers = { authorization: `Bearer ${key}` };
    const answer = await fetch(`${baseUrl}/models`, { headers, signal: deadline(TIMEOUT_MS, signal) });
    if (answer.status === 401 || answer.status === 403) {
      return bad(
        "model",
        `the provider refuses the key (${answer.status})`,
        "Set OPENAI_API_KEY to a key that is valid.",
      );
    }
    if (answer.status >= 500) {
      return warning("model", `the provider answers ${answer.status}`, "Wait: it is ill, not the key.");
    }
    if (!answer.ok) return good("model", `${baseUrl} answers (it has no list of models)`);
    const { data } = (await answer.json()) as { data?: readonly { readonly id?: string }[] };
    if (data?.some(({ id }) => id === name)) return good("model", `${baseUrl} has ${name}`);
    return warning("model", `${baseUrl} does not list ${name}`, "Set OPENAI_MODEL to one that it has.");
  };
  return lookAt("model", look, `See that OPENAI_BASE_URL (${baseUrl}) can be reached from here.`);
}
