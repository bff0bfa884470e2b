import { z } from "zod";
import { custom, readSettings, type Setting, text, url } from "../../../shared/config.ts";
import { engineSettings } from "../engine-socket.ts";
import type { Upstreams } from "./upstreams.ts";

/** The agent's own settings, as far as a look needs them; whether all of them are right, a worker's check tells. */
const optional = (about: string): Setting<string | null> =>
  custom({
    schema: z
      .string()
      .optional()
      .transform((given) => given ?? null),
    about,
    expected: "a text",
    default: null,
  });

const doctorSettings = {
  ...engineSettings,
  WORKER_IMAGE: text({ about: "The configured image.", default: "lastgood-worker:dev" }),
  TELEGRAM_BOT_TOKEN: optional("The bot's token."),
  TELEGRAM_API_ROOT: url({ about: "The Bot API server.", default: "https://api.telegram.org" }),
  OPENAI_API_KEY: optional("The key of the model's provider."),
  OPENAI_BASE_URL: url({ about: "An OpenAI-compatible server.", default: "https://api.openai.com/v1" }),
  OPENAI_MODEL: text({ about: "The model.", default: "gpt-5-mini" }),
};

export interface DoctorSettings {
  readonly socket: string;
  readonly workerImage: string;
  readonly upstreams: Upstreams;
}

export function readDoctorSettings(): DoctorSettings {
  const given = readSettings(doctorSettings);
  const { TELEGRAM_BOT_TOKEN: token, TELEGRAM_API_ROOT: apiRoot } = given;
  const { OPENAI_API_KEY: key, OPENAI_BASE_URL: baseUrl, OPENAI_MODEL: name } = given;
  const upstreams = { telegram: token && { apiRoot, token }, model: key && { baseUrl, key, name } };
  return {
    socket: given.DOCKER_SOCKET,
    workerImage: given.WORKER_IMAGE,
    upstreams: { telegram: upstreams.telegram || null, model: upstreams.model || null },
  };
}
