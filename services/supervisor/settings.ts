import { choice, optionalUrl, processSettings, text, url, wholeNumber } from "../../shared/config.ts";
import { IMAGE_REFERENCE, repositoryOf } from "../../shared/image-reference.ts";
import { requestsSettings } from "../../shared/requests/requests-directory.ts";

export const supervisorSettings = {
  ...processSettings,
  ...requestsSettings,
  OWN_DIR: text({
    about: "The directory of the supervisor's own journal, on a volume that no worker mounts.",
    default: "/own",
  }),
  CHAT_DEPLOYS: text({
    about:
      "Which images the owner's chat may ask to deploy: repositories separated by commas, or `off`. Unset: the one of WORKER_IMAGE.",
    default: "",
    expected: "repositories such as registry.example/me/agent separated by commas, or off",
    pattern: /^(off|[a-z0-9][\w.:/-]*(\s*,\s*[a-z0-9][\w.:/-]*)*)?$/,
  }),
  WORKER_IMAGE: text({
    about: "The image reference that is deployed when its image is met for the first time.",
    default: "lastgood-worker:dev",
    expected: "an image reference such as lastgood-worker:dev",
    pattern: IMAGE_REFERENCE,
  }),
  WORKER_RUNTIME: choice({
    about: "What runs the worker: `docker`, or `process` for trying without an engine.",
    choices: ["docker", "process"],
    default: "docker",
  }),
  DOCKER_SOCKET: text({ about: "The Docker Engine's socket.", default: "/var/run/docker.sock" }),
  DOCKER_LOGINS: text({
    about: "The logins to registries, as docker login keeps them in its config.json.",
    default: "/run/docker-logins.json",
  }),
  CRASH_THRESHOLD: wholeNumber({ about: "So many exits in a row are a crash loop.", default: 3, min: 1, max: 20 }),
  CRASH_WINDOW_SECONDS: wholeNumber({
    about: "An exit counts towards a crash loop when the worker had been ready for less than this.",
    default: 60,
    min: 1,
  }),
  PROBATION_SECONDS: wholeNumber({ about: "A revision ready for so long is promoted.", default: 60 }),
  READY_TIMEOUT_SECONDS: wholeNumber({
    about: "A worker that is not ready after so long is given up.",
    default: 60,
    min: 1,
  }),
  HANG_SECONDS: wholeNumber({
    about: "A worker whose heartbeat stands still for so long hangs.",
    default: 60,
    min: 10,
  }),
  RESTART_MAX_SECONDS: wholeNumber({ about: "The longest delay before a restart.", default: 300 }),
  RESTART_HEALTHY_SECONDS: wholeNumber({ about: "Health for so long forgets earlier delays.", default: 600, min: 1 }),
  HALT_PROBE_SECONDS: wholeNumber({
    about: "With no good revision left, how long between two tries of the wanted one.",
    default: 900,
    min: 1,
  }),
  STOP_GRACE_SECONDS: wholeNumber({
    about: "How long a worker may take to finish after SIGTERM before it is killed.",
    default: 30,
    max: 50,
  }),
  SUPERVISOR_ON_STOP: choice({
    about: "What a stopping supervisor does with the worker: `stop` it, or `leave` it to a successor.",
    choices: ["stop", "leave"],
    default: "stop",
  }),
  ALERT_WEBHOOK_URL: optionalUrl({
    about: "Where crash loops, rollbacks and halts are posted as JSON. Unset: nowhere.",
  }),
  DOCKER_PATIENCE_SECONDS: wholeNumber({
    about: "How long the engine may be away before the supervisor leaves, so that a restart mounts its socket anew.",
    default: 60,
    min: 1,
  }),
  RECONCILE_SECONDS: wholeNumber({
    about: "Without any hint, how often the engine is looked at.",
    default: 10,
    min: 1,
  }),
  WORKER_MEMORY_MB: wholeNumber({ about: "The worker's memory limit.", default: 512, min: 64 }),
  WORKER_PIDS: wholeNumber({ about: "How many processes and threads the worker may have.", default: 256, min: 32 }),
  LOCAL_PEERS_URL: url({
    about: "Where the local Telegram and the local model listen, for a worker without credentials.",
    default: "http://127.0.0.1:8081",
  }),
};

export type ChatDeploys = { readonly kind: "off" } | { readonly kind: "of"; readonly repositories: readonly string[] };

/** Which repositories a deploy from the chat may name. */
export function chatDeploys(setting: string, workerImage: string): ChatDeploys {
  if (setting === "off") return { kind: "off" };
  const named = setting === "" ? [workerImage] : setting.split(/\s*,\s*/);
  return { kind: "of", repositories: named.map(repositoryOf) };
}
