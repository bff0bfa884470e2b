import { LOCAL_BOT_TOKEN, LOCAL_MODEL_KEY } from "../../shared/local-peers.ts";
import { OWN_SETTING_PREFIX, PLATFORM_SETTING_NAMES, WORKER_SETTING_NAMES } from "../../shared/worker-setting-names.ts";

type Environment = Readonly<Record<string, string>>;

export interface WorkerIdentity {
  readonly instance: string;
  /** The supervisor's `process.started` in the shared file. */
  readonly parentId: number;
}

const WORKERS = new Set([...WORKER_SETTING_NAMES, ...PLATFORM_SETTING_NAMES]);

/** The variables that tell a worker who it is; all others are the same for every worker. */
export function identityVariables({ instance, parentId }: WorkerIdentity): Record<string, string> {
  return { PARENT_PROCESS_ID: String(parentId), WORKER_INSTANCE: instance };
}

/**
 * The environment every worker is given: of the operator's own what a worker reads, and what an image of the operator's
 * may read (`AGENT_…`). Where a credential and an address are both missing, the local peer takes their place.
 *
 * @param given the supervisor's own environment
 */
export function workerEnvironment(
  given: Environment,
  facts: { readonly stateDir: string; readonly localPeersUrl: string },
): Record<string, string> {
  const isWorkers = (name: string) => WORKERS.has(name) || name.startsWith(OWN_SETTING_PREFIX);
  const environment = Object.fromEntries(
    Object.entries(given).filter(([name, value]) => value.trim() !== "" && isWorkers(name)),
  );
  return {
    ...environment,
    ...localTelegram(environment, facts.localPeersUrl),
    ...localModel(environment, facts.localPeersUrl),
    STATE_DIR: facts.stateDir,
  };
}

function localTelegram(given: Environment, localPeersUrl: string): Environment {
  if (given.TELEGRAM_BOT_TOKEN || given.TELEGRAM_API_ROOT) return {};
  return {
    TELEGRAM_BOT_TOKEN: LOCAL_BOT_TOKEN,
    TELEGRAM_API_ROOT: localPeersUrl,
    TELEGRAM_ALLOWED_CHATS: given.TELEGRAM_ALLOWED_CHATS ?? "*",
    TELEGRAM_OWNER_CHAT: given.TELEGRAM_OWNER_CHAT ?? "*",
  };
}

function localModel(given: Environment, localPeersUrl: string): Environment {
  if (given.OPENAI_API_KEY || given.OPENAI_BASE_URL) return {};
  return {
    OPENAI_API_KEY: LOCAL_MODEL_KEY,
    OPENAI_BASE_URL: `${localPeersUrl}/v1`,
    OPENAI_MODEL: given.OPENAI_MODEL ?? "local",
  };
}
