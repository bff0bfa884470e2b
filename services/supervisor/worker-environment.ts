import { LOCAL_BOT_TOKEN, LOCAL_MODEL_KEY } from "../../shared/local-peers.ts";
import { supervisorSettings } from "./settings.ts";

type Environment = Readonly<Record<string, string>>;

export interface WorkerIdentity {
  readonly instance: string;
  /** The supervisor's `process.started` in the shared file. */
  readonly parentId: number;
}

/** The console's and compose's: with the console's token a worker could ask for deploys. */
const OF_OTHERS = /^(CONSOLE_|COMPOSE_|DOCKER_|LOCAL_|(SUPERVISOR|WORKER)_TAG$)/;

/** Of the supervisor's own settings, those that are the worker's business too. */
const SHARED_WITH_WORKER = new Set(["LOG_LEVEL", "LOG_FORMAT", "STOP_GRACE_SECONDS"]);
const SUPERVISORS_OWN = new Set(Object.keys(supervisorSettings).filter((name) => !SHARED_WITH_WORKER.has(name)));

/** The variables that tell a worker who it is; all others are the same for every worker. */
export function identityVariables({ instance, parentId }: WorkerIdentity): Record<string, string> {
  return { PARENT_PROCESS_ID: String(parentId), WORKER_INSTANCE: instance };
}

/**
 * The environment every worker is given: the operator's own, less what is the supervisor's or the console's. Where a credential and an
 * address are both missing, the local peer takes their place.
 *
 * @param given the supervisor's own environment
 * @param keptBack further names that are not the worker's to have
 */
export function workerEnvironment(
  given: Environment,
  keptBack: ReadonlySet<string>,
  facts: { readonly stateDir: string; readonly localPeersUrl: string },
): Record<string, string> {
  const operators = Object.entries(given).filter(
    ([name, value]) =>
      value.trim() !== "" && !keptBack.has(name) && !SUPERVISORS_OWN.has(name) && !OF_OTHERS.test(name),
  );
  const environment = Object.fromEntries(operators);
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
