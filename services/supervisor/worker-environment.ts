import { LOCAL_BOT_TOKEN, LOCAL_MODEL_KEY } from "../../shared/local-peers.ts";

type Environment = Readonly<Record<string, string>>;

export interface WorkerIdentity {
  readonly instance: string;
  readonly supervisorId: number;
}

/**
 * The environment a worker is given: the operator's own, less what is the supervisor's, plus who it is. Where a
 * credential and an address are both missing, the local peer takes their place.
 *
 * @param given the supervisor's own environment
 * @param keptBack names that are not the worker's to have
 */
export function workerEnvironment(
  given: Environment,
  keptBack: ReadonlySet<string>,
  worker: WorkerIdentity & { readonly stateDir: string; readonly localPeersUrl: string },
): Record<string, string> {
  const operators = Object.entries(given).filter(([name, value]) => !keptBack.has(name) && value.trim() !== "");
  const environment = Object.fromEntries(operators);
  return {
    ...environment,
    ...localTelegram(environment, worker.localPeersUrl),
    ...localModel(environment, worker.localPeersUrl),
    STATE_DIR: worker.stateDir,
    PARENT_PROCESS_ID: String(worker.supervisorId),
    WORKER_INSTANCE: worker.instance,
  };
}

function localTelegram(given: Environment, localPeersUrl: string): Environment {
  if (given.TELEGRAM_BOT_TOKEN || given.TELEGRAM_API_ROOT) return {};
  return {
    TELEGRAM_BOT_TOKEN: LOCAL_BOT_TOKEN,
    TELEGRAM_API_ROOT: localPeersUrl,
    TELEGRAM_ALLOWED_CHATS: given.TELEGRAM_ALLOWED_CHATS ?? "*",
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
