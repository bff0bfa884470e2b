import { createHash } from "node:crypto";
import type { Revision } from "../../../shared/state.ts";
import { identityVariables } from "../worker-environment.ts";
import type { StartOrder } from "../worker-runtime.ts";

/** What the supervisor's own container says about where a worker belongs: seen once, at start. */
export interface Surroundings {
  /** Its labels; compose's are carried over, so that the worker counts as one of its services. */
  readonly labels: Readonly<Record<string, string>>;
  /** What lies at STATE_DIR: a named volume, or a directory of the host. */
  readonly stateMount: { readonly type: "volume" | "bind"; readonly source: string };
  /** The networks it is on, by name. */
  readonly networks: readonly string[];
}

export interface WorkerLimits {
  readonly memoryMb: number;
  readonly pids: number;
  readonly stopGraceSeconds: number;
}

/** What every worker of this supervisor is given, whichever the revision and the instance. */
export interface WorkerSettings {
  readonly environment: Readonly<Record<string, string>>;
  readonly stateDir: string;
  readonly limits: WorkerLimits;
}

/** Labels of our own: what a container found later has to tell about itself. */
export const LABEL = {
  instance: "lastgood.instance",
  revision: "lastgood.revision",
  supervisor: "lastgood.supervisor",
  settings: "lastgood.settings",
  /** On a check: the request it is about. */
  check: "lastgood.check",
  /** On a container that holds an image: that image. */
  holds: "lastgood.holds",
} as const;

const COMPOSE = "com.docker.compose.";
/** What the worker is to compose: the first container of the service that docker-compose.yml declares at scale 0. */
const SERVICE = "worker";

export function projectOf({ labels }: Surroundings): string {
  return labels[`${COMPOSE}project`] ?? "lastgood";
}

/** One fixed name, as compose would choose it: that it is taken means that a worker exists. */
export function workerName(surroundings: Surroundings): string {
  return `${projectOf(surroundings)}-${SERVICE}-1`;
}

export function checkName(surroundings: Surroundings): string {
  return `${projectOf(surroundings)}-${SERVICE}-check`;
}

export function holderName(surroundings: Surroundings, imageId: string): string {
  return `${projectOf(surroundings)}-${SERVICE}-holds-${shortId(imageId)}`;
}

/** The tag under which a good image is kept, so that `docker images` says what it is. */
export function heldTag(surroundings: Surroundings, imageId: string): { repo: string; tag: string } {
  return { repo: `${projectOf(surroundings)}-held`, tag: shortId(imageId) };
}

/** Of everything but the revision and the instance: a worker with another digest is replaced. Holds no value itself. */
export function settingsDigest({ environment, limits, stateDir }: WorkerSettings, surroundings: Surroundings): string {
  const sorted = Object.entries(environment).sort(([one], [other]) => one.localeCompare(other));
  const settings = JSON.stringify([sorted, limits, stateDir, surroundings.stateMount, surroundings.networks]);
  return createHash("sha256").update(settings).digest("hex");
}

/**
 * The whole description of a worker's container, for POST /containers/create. Deploy, restart and rollback use it
 * alike; it is never a copy of another container's settings.
 */
export function workerContainer(order: StartOrder, surroundings: Surroundings, settings: WorkerSettings) {
  const identity = identityVariables(order);
  return {
    ...confined(surroundings, settings, identity),
    name: workerName(surroundings),
    Image: order.imageId, // never the tag: it may move
    Labels: {
      ...composeLabels(surroundings, order.imageId, "1"),
      [LABEL.instance]: order.instance,
      [LABEL.revision]: order.revision,
      [LABEL.supervisor]: String(order.supervisorId),
      [LABEL.settings]: settingsDigest(settings, surroundings),
    },
    StopSignal: "SIGTERM",
    StopTimeout: settings.limits.stopGraceSeconds,
  };
}

/** A worker that is only asked to check: the image's own command, with one argument more. */
export function checkContainer(
  order: Revision & { readonly requestId: number; readonly command: readonly string[] },
  surroundings: Surroundings,
  settings: WorkerSettings,
) {
  const identity = identityVariables({ parentId: order.requestId, instance: `check.${order.requestId}` });
  return {
    ...confined(surroundings, settings, identity),
    name: checkName(surroundings),
    Image: order.imageId,
    Cmd: [...order.command, "check"],
    Labels: { ...composeLabels(surroundings, order.imageId, "3"), [LABEL.check]: String(order.requestId) },
  };
}

/** Never started; a container keeps its image from `docker image prune`, a tag alone does not. */
export function holderContainer(revision: Revision, surroundings: Surroundings) {
  return {
    name: holderName(surroundings, revision.imageId),
    Image: revision.imageId,
    Entrypoint: ["/bin/true"],
    Cmd: [],
    Labels: {
      ...composeLabels(surroundings, revision.imageId, "2"),
      [LABEL.holds]: revision.imageId,
      [LABEL.revision]: revision.revision,
    },
    HostConfig: { NetworkMode: "none", RestartPolicy: { Name: "no" } },
  };
}

function confined(surroundings: Surroundings, settings: WorkerSettings, identity: Readonly<Record<string, string>>) {
  const { environment, stateDir, limits } = settings;
  const memory = limits.memoryMb * 1024 * 1024;
  return {
    Env: Object.entries({ ...environment, ...identity }).map(([name, value]) => `${name}=${value}`),
    User: "1000:1000",
    HostConfig: {
      RestartPolicy: { Name: "no" }, // restarting is ours: the engine's back-off forgets after 10 s of life
      Init: true,
      ReadonlyRootfs: true,
      Tmpfs: { "/tmp": "rw,noexec,nosuid,size=64m" },
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      Memory: memory,
      MemorySwap: memory, // none beyond the memory
      PidsLimit: limits.pids,
      LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "3" } },
      Mounts: [{ Type: surroundings.stateMount.type, Source: surroundings.stateMount.source, Target: stateDir }],
      NetworkMode: surroundings.networks[0] ?? "bridge",
    },
    NetworkingConfig: {
      EndpointsConfig: Object.fromEntries(surroundings.networks.map((name) => [name, { Aliases: [SERVICE] }])),
    },
  };
}

/** compose lists, logs and removes by these; the config hash only has to be there. */
function composeLabels(surroundings: Surroundings, hash: string, number: string): Record<string, string> {
  const ofProject = Object.entries(surroundings.labels).filter(([name]) => name.startsWith(`${COMPOSE}project`));
  return {
    ...Object.fromEntries(ofProject),
    [`${COMPOSE}project`]: projectOf(surroundings),
    [`${COMPOSE}service`]: SERVICE,
    [`${COMPOSE}container-number`]: number,
    [`${COMPOSE}oneoff`]: "False", // `down` leaves the others
    [`${COMPOSE}config-hash`]: hash,
  };
}

function shortId(imageId: string): string {
  return imageId.replace("sha256:", "").slice(0, 12);
}
